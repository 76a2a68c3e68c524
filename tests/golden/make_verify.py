#!/usr/bin/env python3
"""Asks Math-Verify for its verdict on pairs of gold and answer; the verifier's tests compare with it.

Run with math-verify[antlr4_13_2]==0.9.0 (latex2sympy2_extended 1.11.0, sympy 1.14):  python tests/golden/make_verify.py
Writes verify_pairs.json beside itself: [gold, answer, verdict of Math-Verify], all pairs our own.
"""
import json
import logging
import pathlib
import random
from fractions import Fraction

from math_verify import parse, verify

WRITTEN = [
    ("$17$", "The total is 17."),
    ("$17$", "The total is $17$."),
    ("$2500$", "So we get 2,500 units"),
    ("$2500$", "$2{,}500$"),
    ("$0.25$", "$\\frac{1}{4}$"),
    ("$\\frac{2}{7}$", "0.285714"),
    ("$\\frac{2}{7}$", "0.28571"),
    ("$\\frac{2}{7}$", "0.2857143"),
    ("$\\frac{2}{7}$", "$0.2857$"),
    ("$\\sqrt{5}$", "2.236068"),
    ("$\\sqrt{5}$", "2.2360679774997896"),
    ("$\\pi$", "3.141593"),
    ("$2\\pi$", "6.283185307179586"),
    ("$10^6$", "1000000"),
    ("$3 \\times 10^4$", "30000"),
    ("$3e4$", "30000"),
    ("$3E4$", "30000"),
    ("$1\\frac{3}{4}$", "1.75"),
    ("$1\\frac{3}{4}$", "$\\frac{7}{4}$"),
    ("$-\\frac{3}{8}$", "$\\frac{-3}{8}$"),
    ("$007$", "7"),
    ("$.75$", "$\\frac34$"),
    ("$12$", "\u20ac12"),
    ("$12$", "$12m^2$"),
    ("$12$", "12 cm"),
    ("$12 \\text{ cm}$", "12"),
    ("$12 \\text{ cm}$", "12 m"),
    ("$12 \\text{ cm}^2$", "$12$"),
    ("$12^\\circ$", "12"),
    ("$12^\\circ$", "12 degrees"),
    ("$25\\%$", "0.25"),
    ("$25\\%$", "25%"),
    ("$25\\%$", "25"),
    ("$25$", "25%"),
    ("$25\\%$", "$\\frac{1}{4}$"),
    ("$33.3\\%$", "0.333"),
    ("$25\\%$", "25 percent"),
    ("$x^2+2x+1$", "$(x+1)^2$"),
    ("$\\sin^2 x+\\cos^2 x$", "$1$"),
    ("$\\frac{a}{b}$", "$a/b$"),
    ("$\\sqrt{8}$", "$2\\sqrt{2}$"),
    ("$\\frac{1}{\\sqrt{2}}$", "$\\frac{\\sqrt{2}}{2}$"),
    ("$\\log 100$", "$2$"),
    ("$\\ln e^3$", "3"),
    ("$e^{i\\pi}$", "$-1$"),
    ("$3+4i$", "$4i+3$"),
    ("$i^2$", "$-1$"),
    ("$(1+i)(1-i)$", "$2$"),
    ("$\\binom{6}{2}$", "$15$"),
    ("$5!$", "120"),
    ("$\\sum_{k=1}^{4} k$", "10"),
    ("$\\int_0^1 x dx$", "$\\frac{1}{2}$"),
    ("$x_1+x_2$", "$x_2+x_1$"),
    ("$X$", "$x$"),
    ("$2x+y$", "$2a+b$"),
    ("$|{-3}|$", "3"),
    ("$\\lfloor 3.7 \\rfloor$", "3"),
    ("$2^{1/2}$", "$\\sqrt{2}$"),
    ("$7^{99}$", "$7 \\cdot 7^{98}$"),
    ("$(x+y)(x-y)$", "$x^2-y^2$"),
    ("$y=3x+2$", "$3x+2$"),
    ("$3x+2$", "$y=3x+2$"),
    ("$f(x)=3x+2$", "$3x+2$"),
    ("$x=4$", "4"),
    ("$4$", "$x=4$"),
    ("$x=4$", "$y=4$"),
    ("$a+b=4$", "$4$"),
    ("$x=2+2=4$", "$4$"),
    ("$2x+3y=6$", "$4x+6y=12$"),
    ("$y=2x+1$", "$2x-y+1=0$"),
    ("$y=2x+1$", "$y=1+2x$"),
    ("$x^2+y^2=9$", "$y^2=9-x^2$"),
    ("$x>3$", "$3<x$"),
    ("$x>3$", "$x\\ge 3$"),
    ("$1<x<4$", "$(1,4)$"),
    ("$(1,4)$", "$1<x<4$"),
    ("$x\\in(1,4)$", "$(1,4)$"),
    ("$1<x<4$", "$4>x>1$"),
    ("$x \\neq 5$", "$x \\ne 5$"),
    ("$-2x<-6$", "$x>3$"),
    ("$\\{1,2,3\\}$", "$\\{3,2,1\\}$"),
    ("$\\{1,2,3\\}$", "$1,2,3$"),
    ("$1,2,3$", "3, 2 and 1"),
    ("$1,2,3$", "$3$, $2$ and $1$"),
    ("$(1,2)$", "$(2,1)$"),
    ("$(1,2)$", "$1,2$"),
    ("$(1,2)$", "$2,1$"),
    ("$(1,2)$", "$[1,2]$"),
    ("$[1,2)$", "$[1,2)$"),
    ("$(1,2,3)$", "$(1,2,3)$"),
    ("$(1,2,3)$", "$(3,2,1)$"),
    ("$(1,2,3)$", "$\\{3,2,1\\}$"),
    ("$(5,1)$", "$5,1$"),
    ("$(-\\infty,2)\\cup(3,\\infty)$", "$(3,\\infty)\\cup(-\\infty,2)$"),
    ("$(-\\infty, 2)$", "$x<2$"),
    ("$x<2$", "$(-\\infty, 2)$"),
    ("$\\pm 3$", "$3,-3$"),
    ("$x=\\pm 3$", "$3,-3$"),
    ("$x=3,y=4$", "$3,4$"),
    ("$x=3,y=4$", "$y=4,x=3$"),
    ("$x=1$ or $x=2$", "$1,2$"),
    ("$\\mathbb{R}$", "$(-\\infty,\\infty)$"),
    ("$\\emptyset$", "$\\{\\}$"),
    ("$\\{(1,2),(3,4)\\}$", "$(3,4),(1,2)$"),
    ("$\\{\\frac13,\\frac12\\}$", "$0.333333,0.5$"),
    ("$\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$", "$\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}$"),
    ("$\\begin{pmatrix}1\\\\2\\end{pmatrix}$", "$(1,2)$"),
    ("$\\begin{pmatrix}0.5&1\\end{pmatrix}$", "$\\begin{pmatrix}\\frac12&1\\end{pmatrix}$"),
    ("$\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}$", "$-2$"),
    ("$\\text{even}$", "$even$"),
    ("$\\text{Even}$", "$\\text{even}$"),
    ("$\\text{(C)}$", "$C$"),
    ("$\\text{blue whale}$", "$\\text{bluewhale}$"),
    ("$C$", "The option is C"),
    ("blue", "blue"),
    ("$\\text{yes}$", "yes"),
    ("$9$", "I first got \\boxed{8}. After checking, the answer is \\boxed{9}."),
    ("$9$", "\\boxed{9} and then I note that 9 < 12."),
    ("$9$", "We get $9$. Note $x<12$."),
    ("$9$", "The final answer is $9$. I hope it is correct. \\boxed{8}"),
    ("$9$", "Answer: 9\nThe other value was 12."),
    ("$9$", "The final answer is 9 but \\boxed{8}"),
    ("$9$", "\\boxed{8}\n\nThus final answer is $9$."),
    ("$8,9$", "The roots are \\boxed{8} and \\boxed{9}."),
    ("$8,9$", "One root is \\boxed{8}. After a long discussion of all the remaining possible cases we conclude the other is, by symmetry, \\boxed{9}."),
    ("$9$", "<think>maybe 12</think> The answer is 9."),
    ("$9$", "**Final Answer: 9**"),
    ("$9$", "x = 9"),
    ("$9$", "x=9cm"),
    ("$9$", "Result: 81/9"),
    ("$9$", "\\boxed{\\text{9 apples}}"),
    ("$9$", "\\boxed{9\\text{ apples}}"),
    ("$9$", "\\boxed{9 apples}"),
    ("$9$", "\\boxed{x=9}"),
    ("$9$", "\\boxed{9"),
    ("$9$", "\\fbox{9}"),
    ("$\\frac12$", "\\boxed{\\frac{1}{2}}"),
    ("$\\frac12$", "\\boxed{\\dfrac{1}{2}.}"),
    ("9", "9"),
    ("9", "nine"),
    ("$\\approx 3.5$", "3.5"),
    ("$x\\approx 3.5$", "3.5"),
    ("$3.5\\approx 3.49$", "3.5"),
    ("$3.5$", "$\\approx 3.5$"),
    ("$1,234$", "$1234$"),
    ("$1, 234$", "$1234$"),
    ("$0,5$", "$0.5$"),
    ("$3:4$", "$\\frac34$"),
    ("$3:4$", "3:4"),
    ("$\\$40$", "40"),
    ("$40\\text{ dollars}$", "40"),
    ("$3/4$", "0.75"),
    ("$3/4$", "3 / 4"),
    ("$1e-3$", "0.001"),
    ("$\\infty$", "$+\\infty$"),
    ("$-\\infty$", "$\\infty$"),
    ("$\\log_2 8$", "3"),
    ("$10$", "ten"),
    ("$2^{10}$", "$1024.0$"),
    ("$1.5$", "$1.50000001$"),
    ("$1000000.1$", "$1000000.2$"),
    ("$0.0000001$", "$0.0000002$"),
    ("$0$", "$0.0000001$"),
    ("$9$", "$x$ is $9$ and so the result is \\boxed{9} (not \\boxed{10})."),
    ("$9$", "First \\boxed{8}. We must now redo the whole computation because the sign in the second equation was wrong from the beginning. \\boxed{9}"),
    ("$9$", "\\boxed{9} is the answer. $\\boxed{9}$"),
    ("$9$", "The answer is \\boxed{\\boxed{9}}"),
    ("$9$", "$$\\boxed{9}$$ Note: $1+1=2$"),
    ("$9$", "answer 9 of 10"),
    ("$\\frac{9}{2}$", "The answer is 9/2."),
    ("$\\frac{9}{2}$", "So the area is 4.5 square units, i.e. \\frac{9}{2}"),
    ("$12$", "3 apples, 4 pears, total 12"),
    ("$12$", "Q4 total was 12"),
    ("$-4$", "The minimum is -4"),
    ("$-4$", "x=-4"),
    ("$120$", "$120"),
    ("$120$", "It costs $120 per month."),
    ("$120$", "It costs 120$."),
    ("$1.5$", "1,5"),
    ("$15\\%$", "15 pct"),
    ("$9$", "9!"),
    ("$9$", "(9)"),
    ("$9$", "9)"),
    ("$9$", "\"9\""),
    ("$9$", "3^2"),
    ("$9$", "3\u00b2"),
    ("$9$", "the answer is: $$9$$"),
    ("$9$", "\\[9\\]"),
    ("$9$", "\\(9\\)"),
    ("$9$", "So [9] is it"),
    ("$x^2$", "\\boxed{x^2}"),
    ("$x^2$", "x^2"),
    ("$(1,2)$", "(1,2)"),
    ("$\\text{B}$", "\\boxed{B}"),
    ("$B$", "\\boxed{\\text{B}}"),
    ("$B$", "\\boxed{\\text{(B)}}"),
    ("$B$", "\\boxed{B) 12}"),
    ("$12$", "\\boxed{B: 12}"),
    # Accepted by Math-Verify although wrong: only a number at the edge is read, or both sides round to zero.
    ("$1-\\frac{1}{\\mathrm{e}}$", "$1+\\frac{1}{\\mathrm{e}}$"),
    ("4", "4\\sqrt{2}"),
    ("3*x-1*y+13=0", "3x + 4y + 14=0"),
    ("\\frac{1}{2004!}", "\\frac{1}{2006!}"),
]


def spell_fraction(rng, value):
    top, bottom = value.numerator, value.denominator
    if bottom == 1:
        forms = [f"{top}", f"{top:,}", f"{top}.0", f"{top * 3}/3", f"{top - 1}+1", f"({top})", f"{top} \\text{{ cm}}",
                 f"{top}^\\circ", f"x={top}", f"\\frac{{{2 * top}}}{{2}}"]
    else:
        forms = [f"\\frac{{{top}}}{{{bottom}}}", f"\\dfrac{{{3 * top}}}{{{3 * bottom}}}", f"{float(value):.6f}",
                 f"{float(value):.4f}", f"{float(value):.2f}", f"x={value}", f"{value}"]
        if value > 1:
            forms.append(f"{top // bottom}\\frac{{{top % bottom}}}{{{bottom}}}")
    return rng.choice(forms)


def random_pair(rng):
    kind = rng.randrange(4)
    if kind == 0:
        a, b = rng.randint(1, 9), rng.choice([2, 3, 5, 6, 7])
        same = [f"{a}\\sqrt{{{b}}}", f"\\sqrt{{{a * a * b}}}", f"\\frac{{{a * b}}}{{\\sqrt{{{b}}}}}",
                f"{a * b ** .5:.6f}", f"{a * b ** .5:.3f}"]
        return rng.choice(same), rng.choice(same + [f"{a + 1}\\sqrt{{{b}}}", f"\\sqrt{{{a * a * b + 1}}}"])
    if kind == 1:
        value = Fraction(rng.randint(1, 60), rng.choice([1, 2, 3, 4]))
        same = [f"\\frac{{{value.numerator}\\pi}}{{{value.denominator}}}", f"{value.numerator}\\pi/{value.denominator}",
                f"{float(value) * 3.141592653589793:.6f}"]
        return rng.choice(same), rng.choice(same + [f"{value.numerator + 1}\\pi"])
    value = Fraction(rng.choice([rng.randint(-20, 20), rng.randint(-2000, 2000), rng.randint(10 ** 6, 10 ** 8)]),
                     rng.choice([1, 1, 2, 3, 4, 7, 8, 9, 11]))
    other = value if rng.random() < 0.6 else value + rng.choice([1, -1, Fraction(1, 10), value])
    return spell_fraction(rng, value), spell_fraction(rng, other)


def main():
    logging.disable(logging.CRITICAL)
    rng = random.Random(4)
    pairs = list(WRITTEN)
    for _ in range(300):
        gold, answer = random_pair(rng)
        frame = rng.choice(["${}$", "\\boxed{{{}}}", "Thus the final answer is ${}$.", "So we get \\boxed{{{}}}."])
        pairs.append((f"${gold}$", frame.format(answer)))
    judged = [[gold, answer, bool(verify(parse(gold), parse(answer)))] for gold, answer in pairs]
    lines = ",\n".join(json.dumps(entry) for entry in judged)
    (pathlib.Path(__file__).parent / "verify_pairs.json").write_text(f"[\n{lines}\n]\n")
    print(len(judged), "pairs,", sum(entry[2] for entry in judged), "equal")


if __name__ == "__main__":
    main()
