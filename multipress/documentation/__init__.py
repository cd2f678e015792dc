"""Pages of ``docs/reference`` that follow from the code: settings, commands, columns, steps, what reruns when."""
