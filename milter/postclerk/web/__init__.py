"""The pages: why mail was refused or held, what one may ask for, and what the IT department decides."""
