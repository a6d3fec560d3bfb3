"""The prover. It reads grammars (abnf) and shipped lexers (lexer) as automata, and
compares the two (prove, second_opinion)."""
