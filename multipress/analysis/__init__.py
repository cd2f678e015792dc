"""From the table of results to answers: do compressions multiply, what does each cost, which first, how sure is it?"""
