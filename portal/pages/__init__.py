"""Lists, forms and answers that the console, sign-in and the modules share; knows no hospital."""
