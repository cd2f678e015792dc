"""From the table of results to answers: do compressions multiply, which comes first, and how sure is that?"""
