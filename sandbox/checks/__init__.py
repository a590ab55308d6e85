"""What watches a program from inside its process. Runs in the jail; imports none of ours."""
