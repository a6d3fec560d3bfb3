"""The prover: grammars (abnf), automata, the shipped lexers as automata (lexer), and
the comparison of the two (prove, second_opinion)."""
