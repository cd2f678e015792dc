"""Every model by the family of its compressions, beside what a survey reports of that family."""
