"""From the table of results to answers: do compressions multiply, what does each cost, which comes first, how sure is that?"""
