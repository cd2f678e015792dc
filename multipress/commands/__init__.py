"""Commands for people, ``multipress <verb>``: one module for each verb."""
