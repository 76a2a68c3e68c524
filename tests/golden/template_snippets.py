"""Small templates, one construct each, for make_templates.py."""

VARIABLES = {
    "text": "Hello, World",
    "spaced": "  two  words\t\n",
    "lines": "one\ntwo\r\n\n three\n",
    "unicode": "Ähm ß 你好 🇳🇴 e\u0301 ǆ",
    "markup": "<a href=\"x\">Q&A's</a>",
    "empty": "",
    "number": 42,
    "negative": -7,
    "real": 2.5,
    "large": 1e16,
    "small": 0.00001,
    "third": 0.1,
    "yes": True,
    "no": False,
    "nothing": None,
    "list": [3, 1, 2],
    "words": ["pear", "Apple", "fig", "apple"],
    "mixed": [1, "a", None, 2.0, True, [1], {"k": "v"}],
    "deep": [[1, [2, [3]]], {"a": {"b": {"c": "d"}}}],
    "map": {"b": 2, "a": 1, "C": 3},
    "clash": {"items": 1, "get": 2, "keys": 3, "name": 4},
    "people": [
        {"name": "Ada", "age": 36, "tags": ["x", "y"], "home": {"city": "London"}},
        {"name": "bob", "age": 7, "home": {"city": "Paris"}},
        {"name": "Cid", "age": 36, "active": True, "home": {"city": "London"}},
    ],
    "now": "2024-02-29T23:59:58",
}

EXPRESSIONS = """
1 + 2 * 3
(1 + 2) * 3
7 // 2
-7 // 2
7 % 3
-7 % 3
7 % -3
7 / 2
6 / 3
2 ** 10
2 ** -1
-2 ** 2
2 ** 3 ** 2
1 // 0
1.5 // 0.5
-1.5 % 1
5.5 % 2
1 + 1.0
yes + 1
yes * 3
1 + 'a'
'a' + 1
'a' + 'b' 'c'
'a' ~ 1 ~ none ~ true ~ 1.0
'ab' * 3
3 * 'ab'
'ab' * -1
[1] * 3
[1] + [2]
(1, 2) + (3,)
[1] + (2,)
list + 'x'
text + nothing
text + missing
missing ~ 'x'
missing.attribute
nothing.attribute
nothing.attribute.more
nothing['x']
text.missing
number.missing
map.missing
map['missing']
map.a
map['a']
clash.items()|list
clash['items']
clash.name
clash.get('keys')
list[0]
list[-1]
list[5]
list['x']
list[1:]
list[:-1]
list[::-1]
list[::2]
list[5:]
list[-2:]
list[2:0:-1]
list[::0]
text[0]
text[-1]
text[0:5]
text[::-1]
text[7:]
text[100]
unicode[5]
unicode[4:9]
unicode[::-1]
unicode | length
nothing[1:]
map[1:]
missing[1:]
number[0]
mixed
deep
map
people[0]
[1, 2.0, 'x', none, true, [], {}, ()]
(1,)
()
{}
{'a': 1, 'b': [1, 2], 3: none}
{'a': 1, 'a': 2}
{[1]: 2}
{1: 'a', 1.0: 'b', true: 'c'}
"it's"
["it's", 'say "x"', "both ' and \\"", '\\n\\t\\\\', '\\x00\\x7f\\u00a0', 'é你🇳']
1 == 1.0
1 == true
'1' == 1
none == false
[1] == [1.0]
[1] == (1,)
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
missing == nothing
missing == other_missing
missing != 1
1 < 2
1 < 2 < 3
1 < 3 < 2
3 > 2 > 1 == 1
'a' < 'b'
'a' < 'B'
'é' > 'z'
[1, 2] < [1, 3]
[1, 'a'] < [1, 2]
1 < 'a'
none < 1
missing < 1
true < 2
1 in list
4 in list
1 not in list
'a' in map
'World' in text
'' in text
1 in text
missing in text
missing in list
'x' in missing
1 in nothing
1 in 5
[1] in deep
not 1
not empty
not missing
not not list
1 and 2
0 and 2
0 or 'x'
'' or missing or 'last'
missing and 1
1 if yes
1 if no
1 if no else 2
1 if no else 2 if no else 3
(1 if missing) is undefined
'a' if 'b' == 'b' else missing.x
-number
+real
-text
- -3
not 1 == 2
1 is odd
2 is even
number is divisibleby 7
number is divisibleby(5)
number is divisibleby 0
text is string
number is string
number is number
yes is number
yes is integer
number is integer
real is float
real is integer
yes is boolean
number is boolean
yes is true
1 is true
no is false
nothing is none
missing is none
missing is defined
text is defined
text is not defined
map.x is defined
map.x.y is defined
missing.x is defined
list is sequence
text is sequence
map is sequence
number is sequence
missing is sequence
list is iterable
text is iterable
number is iterable
nothing is iterable
map is mapping
list is mapping
text is lower
'abc' is lower
'ABC' is upper
1 is eq 1
1 is equalto 2
3 is gt 2
3 is in list
3 is sameas 3
text is callable
range is callable
'upper' is filter
'nonsense' is filter
'odd' is test
1 is nonsense
1 is string if yes else 2
text is string and number is number
text is string == true
text|upper
text|lower
unicode|upper
unicode|lower
'straße'|capitalize
'hELLO wORLD'|capitalize
'hello wORLD-foo (bar) o\\'neil'|title
spaced|trim
'xxaxx'|trim('x')
text|trim('dH')
nothing|trim
missing|trim
number|trim
text|length
list|length
map|count
number|length
nothing|length
missing|length
list|join
list|join(', ')
words|join(d='-')
people|join(', ', attribute='name')
missing|join
nothing|join
text|join('.')
mixed|join('|')
text|replace('l', 'L')
text|replace('l', 'L', 1)
text|replace('', '-')
number|replace('4', 'x')
text|replace('l')
list|first
list|last
empty|first
[]|first is undefined
[]|last is undefined
text|first
text|last
map|first
list|sort
list|sort(reverse=true)
words|sort
words|sort(case_sensitive=true)
mixed|sort
people|sort(attribute='age,name')|map(attribute='name')|join(',')
people|sort(attribute='home.city', reverse=true)|map(attribute='name')|join(',')
words|unique|list
words|unique(case_sensitive=true)|list
people|unique(attribute='age')|map(attribute='name')|list
deep|unique|list
words|min
words|max
list|min
[]|max is undefined
people|max(attribute='age')
list|sum
people|sum(attribute='age')
['a']|sum
list|reverse|list
text|reverse
words|map('upper')|list
words|map('replace', 'p', 'q')|list
people|map(attribute='name')|list
people|map(attribute='tags', default='none')|list
people|map(attribute='tags.0', default='-')|list
people|map(attribute='home.city')|list
words|map('nonsense')|list
people|selectattr('active')|map(attribute='name')|list
people|selectattr('age', 'equalto', 36)|list|length
people|selectattr('age', 'gt', 10)|map(attribute='name')|join
people|selectattr('tags', 'defined')|list|length
people|rejectattr('active')|map(attribute='name')|list
people|rejectattr('home.city', 'eq', 'London')|map(attribute='name')|list
list|select('odd')|list
list|reject('odd')|list
list|select('gt', 1)|list
mixed|select|list
mixed|select('string')|list
mixed|select('nonsense')|list
map|dictsort
map|dictsort(true)
map|dictsort(by='value')
map|dictsort(false, 'value', true)
list|dictsort
map|items|list
missing|items|list
list|items|list
map|list
text|list
number|list
list|batch(2)|list
list|batch(2, 'x')|list
list|slice(2)|list
list|slice(2, 'x')|list
people|groupby('age')|map('first')|list
words|groupby(0)|map('last')|list
'42'|int
'42.9'|int
' -7 '|int
'x'|int
'x'|int(9)
'ff'|int(0, 16)
'0x1F'|int(base=16)
'1_000'|int
real|int
-2.9|int
nothing|int
yes|int
missing|int
'1.5'|float
'x'|float
'x'|float(2)
'1e3'|float
nothing|float
number|float
real|round
3.5|round
-2.5|round
2.675|round(2)
2.1234|round(2)
2.1|round(1, 'ceil')
2.19|round(1, 'floor')
number|round
2.5|round(method='ceil')
text|round
negative|abs
-2.5|abs
text|abs
real|string
nothing|string
list|string
number|string ~ '!'
missing|default('d')
missing|d
nothing|default('d')
nothing|default('d', true)
empty|default('d', boolean=true)
missing.x|default('d')
map.x|default('d')
markup|e
markup|escape
markup|safe
markup|safe + markup
markup + markup|safe
(markup|safe ~ markup)
markup|safe|upper + '<'
['<'|safe]
markup|tojson
unicode|tojson
unicode|tojson(ensure_ascii=true)
mixed|tojson
deep|tojson
people|tojson
people[0]|tojson(indent=2)
[]|tojson(indent=2)
{}|tojson(indent=1)
[[], {}]|tojson(indent=1)
map|tojson(sort_keys=true)
map|tojson(separators=(',', ':'))
map|tojson(indent=2, separators=('; ', '='))
{1: 'a', none: 'b', true: 'c', 1.5: 'd'}|tojson
(1, 2)|tojson
missing|tojson
[missing]|tojson
large|tojson
'\\b\\f\\n\\r\\t"\\\\\\x1f\\x7f/'|tojson
range(3)|tojson
words|map('upper')|tojson
{(1, 2): 3}|tojson
lines|indent
lines|indent(2, true)
lines|indent('> ', blank=true)
number|indent
text|center(20) ~ '|'
'ab'|center(5) ~ '|'
text|truncate(8)
text|truncate(8, true, leeway=0)
text|truncate(9, false, '…', 0)
'foo bar  baz_qux'|wordcount
'%s is %d'|format('x', 3)
'%(a)s %(b)05.1f'|format(a=1, b=2)
'%s' % 5
'%s and %s' % ('a', 'b')
'%05d|%-5d|%+d|%x|%5.2f|%%|%r' % (42, 42, 42, 255, 3.14159, 'q')
'%s' % list
'%s %s' % ('a',)
'%d' % 'x'
'{} {}'.format(1, 'a')
'{1} {0} {name}'.format(1, 2, name='n')
'{:>6}|{:<6}|{:^6}|{:06.2f}|{:,}|{:x}|{!r}'.format('a', 'b', 'c', 3.14159, 1234567, 255, 'q')
'{0.a} {0[b]} {1[0]}'.format(map, list)
'{} {}'.format(1)
'{{}} {}'.format(none)
'{:d}'.format('x')
text.upper()
text.lower()
text.title()
text.swapcase()
'they\\'re bill\\'s'.title()
text.split(', ')
text.split('l', 1)
text.split('')
spaced.split()
'a b  c d'.split(none, 2)
' a b '.split(maxsplit=1)
text.rsplit('o', 1)
' a b  c '.rsplit(none, 1)
lines.splitlines()
lines.splitlines(true)
text.partition(', ')
text.rpartition('o')
text.partition('zz')
spaced.strip()
spaced.lstrip()
spaced.rstrip()
'xyaxy'.strip('xy')
'éaé'.strip('é')
text.strip(none)
text.startswith('Hell')
text.startswith(('x', 'H'))
text.startswith('W', 7)
text.endswith('ld')
text.endswith('lo', 0, 5)
text.startswith(1)
text.startswith(missing)
text.find('o')
text.find('o', 5)
text.rfind('o')
text.find('zz')
text.index('W')
text.index('zz')
unicode.find('好')
text.count('l')
text.count('')
text.count('l', 4)
text.replace('l', '')
text.replace('l', 'x', 2)
text.replace('l', missing)
'-'.join(words)
'-'.join(list)
'-'.join('abc')
'7'.zfill(3)
'-7'.zfill(4)
'a'.ljust(3, '.') ~ 'b'.rjust(3)
'ab'.center(5, '*') ~ 'abc'.center(6, '*')
'a'.center(3, 'xy')
'12'.isdigit()
'a1'.isalnum()
'ab'.isalpha()
' \\t'.isspace()
''.isdigit()
'Ab'.isupper()
text.removeprefix('Hello').removesuffix('World')
text.__class__
text['upper']()
map.items()
map.items()|list
map.keys()|list
map.values()|sum
map.keys()
map.get('a')
map.get('x')
map.get('x', 5)
map.get([1])
map.copy()
map.pop('a')
map.update({'z': 1})
map.pop is defined
list.append(4)
list.index(2)
list.index(9)
list.count(3)
list.copy()
[].append is defined
(1, 2, 1).count(1)
range(5)|list
range(2, 5)|list
range(5, 0, -2)|list
range(3)
range(0)
range(1, 10, 3)
range(10)[3]
range(10)[2:5]|list
range(1000000)
range(3)|length
range('x')
dict(a=1, b=2)
dict([('a', 1)], b=2)
dict(map, z=9)
namespace(a=1).a
namespace(a=1).b
namespace({'a': 1})
namespace(a=1)
namespace(_a=1)
raise_exception('stop')
strftime_now('%Y-%m-%d')
strftime_now('%d %b %Y %H:%M:%S %A %j %y %p %I %B %a %m %%')
missing()
text()
nothing()
words|nonsense
text|upper('x')
text|default
1 if no else (words|nonsense)
"x" if no else missing|nonsense
0x1F + 0b101 + 0o17 + 1_000
1.5e3
1e-7
123456789.123456789
large
small
third + 0.2
1e22
-0.0
1e300 * 1e10
9223372036854775807
list.0
people.0.name
people[0]['home'].city
people[2].tags[0]
people[0].tags[0]
(1, 2)[0]
{'a': {'b': [10, 20]}}.a.b[1]
[1, 2, 3][1:][0]
'a,b;c'|replace(',', ';')|upper
1, 2
text|upper|lower|title
('a' 'b')|upper
-1|abs
(-1)|abs
1 + 2|string
not missing|default(false)
list|join(',')|length > 3 and text
map|tojson|length
""
''
"tab\\there \\u00e9 \\x41 \\101 \\q"
"line \\
joined"
""".strip("\n").split("\n")

# "line \<newline>joined" above is one expression over two lines.
EXPRESSIONS = [line for line in EXPRESSIONS if line != "joined\""]
EXPRESSIONS = [line if not line.startswith('"line') else '"line \\\njoined"' for line in EXPRESSIONS]

STATEMENTS = [
    "a\n",
    "a\n\n",
    "a\r\nb\rc\n",
    "",
    "\n",
    "  {% if yes %}\n  x\n  {% endif %}\ny",
    "  {%+ if yes %}\n  x\n  {% endif +%}\ny",
    "a {%- if yes -%} \n\n b \n {%- endif -%} \n c",
    "{% if yes -%}\n  x {{- 1 -}} y\n{%- endif %}",
    "x\n   {# note #}\ny{# a\nb #}\nz {#- c -#} w",
    "x {#+ c +#}\n y",
    "  {{ 1 }}\n  {{- 2 }}\n{{ 3 -}}\n  4",
    "{% raw %}{{ x }} {% if %}{% endraw %}\nz",
    "a {%- raw -%}  {{ x }}  {%- endraw -%} b",
    "  {% raw %}\n x {% endraw %}\n",
    "{% if no %}a{% elif yes %}b{% else %}c{% endif %}",
    "{% if no %}a{% elif missing %}b{% else %}c{% endif %}",
    "{% if missing.x %}a{% endif %}",
    "{% for x in list %}{{ x }}{% endfor %}",
    "{% for x in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}",
    "{% for x in list %}{{ loop.previtem }}<{{ x }}<{{ loop.nextitem }} {% endfor %}",
    "{% for x in list %}{{ loop.previtem.x }}{% endfor %}",
    "{% for x in [] %}a{% else %}none{% endfor %}",
    "{% for x in list if x > 1 %}{{ loop.index }}{{ x }}{{ loop.last }}{% endfor %}",
    "{% for x in list if x > 9 %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in list %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in list %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in [1] %}{% continue %}{% else %}else{% endfor %}",
    "{% for x in list %}{% for y in list %}{% if y == x %}{% break %}{% endif %}{{ y }}{% endfor %}|{% endfor %}",
    "{% break %}",
    "{% for x in list %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
    "{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k in map %}{{ k }}{% endfor %}",
    "{% for c in text %}{{ c }}.{% endfor %}",
    "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}",
    "{% for a, b in ['xy', 'zw'] %}{{ a }}-{{ b }} {% endfor %}",
    "{% for x in missing %}a{% else %}b{% endfor %}",
    "{% for x in nothing %}a{% endfor %}",
    "{% for x in number %}a{% endfor %}",
    "{% for x in 1, 2, 3 %}{{ x }}{% endfor %}",
    "{% for x in list %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}",
    "{% for x in words|map('upper') %}{{ loop.length }}{{ x }}{{ loop.last }}{% endfor %}",
    "{% set g = words|map('upper') %}{% for x in g %}{{ x }}{% endfor %}{% for x in g %}again{% endfor %}{{ g|list }}",
    "{% set x = 1 %}{% for i in list %}{% set x = x + i %}{{ x }},{% endfor %}{{ x }}",
    "{% set ns = namespace(x=1) %}{% for i in list %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace() %}{% set ns.a = 1 %}{% set ns.a, b = 2, 3 %}{{ ns.a }}{{ b }}{{ ns.c is defined }}",
    "{% set map.x = 1 %}",
    "{% set missing.x = 1 %}",
    "{% set ns = namespace() %}{% set ns._x = 1 %}",
    "{% if yes %}{% set inner = 1 %}{% endif %}{{ inner }}",
    "{% for i in list %}{% set leak = i %}{% endfor %}{{ leak is defined }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set a, b = [1] %}{{ a }}",
    "{% set (a, b) = (1, 2) %}{{ a }}{{ b }}",
    "{% set x %}block {{ number }}{% endset %}{{ x|upper }}",
    "{% set x | upper | trim %} block {% endset %}{{ x }}!",
    "{% set x = 1, 2 %}{{ x }}",
    "{% set true = 1 %}",
    "{% set text = text ~ '!' %}{{ text }}",
    "{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 3) }}|{{ m(b=5, a=4) }}|{{ m() }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(x=2) }}",
    "{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}in {{ number }}{% endcall %}",
    "{% macro m() %}{{ caller(1) }}{{ caller(2) }}{% endmacro %}{% call(x) m() %}<{{ x }}>{% endcall %}",
    "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}",
    "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% macro f() %}{{ later }}{% endmacro %}{% set later = 5 %}{{ f() }}",
    "{% macro f() %}{% set number = 1 %}{{ number }}{% endmacro %}{{ f() }}{{ number }}",
    "{{ early() }}{% macro early() %}x{% endmacro %}",
    "{% macro m() %}a{% endmacro %}{{ m()|upper ~ m() + 'b' }}{{ m() is string }}",
    "{% macro m(x) -%}  {{ x }}  {%- endmacro %}[{{ m('a') }}]",
    "{% filter upper %}a{{ text }}{% endfilter %}",
    "{% filter replace('a', 'b')|upper %}banana{% endfilter %}",
    "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
    "{% set a = 5 %}{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}",
    "{% with %}{% set q = 1 %}{% endwith %}{{ q is defined }}",
    "{% generation %}{% set q = 1 %}{{ q }}{% endgeneration %}{{ q is defined }}",
    "{% print 1, 'a' %}",
    "{% do list.append(1) %}",
    "{% nonsense %}",
    "{% if yes %}",
    "{% endif %}",
    "{% for x in list %}{% endif %}",
    "{{ 1",
    "{% if yes",
    "{# open",
    "{% raw %} open",
    "{{ 'open }}",
    "{{ }}",
    "{{ 1 2 }}",
    "{{ (1 }}",
    "{{ [1) }}",
    "{{ {'a': 1}['a'] }}",
    "{{ '}}' }}{{ '%}' }}",
    "{{ {'a': {'b': 1}} }}",
    "{ { } } {x} %} }} #}",
    "{{ '{{' }}{% if '%}' in '%}' %}y{% endif %}",
    "{{ a$b }}",
    "{{ 1 if }}",
    "{{ .5 }}",
    "{{ text. }}",
    "{{ text|upper() }}{{ words|join(',',) }}",
    "{{ words|join(d=',', d=';') }}",
    "{{ dict(**map) }}{{ range(*[1, 3])|list }}",
    "{{ f(a=1, 2) }}",
    "{% if no %}{{ text|nonsense }}{% endif %}ok",
    "{% if no %}{{ text is nonsense }}{% endif %}ok",
    "{% if yes %}{{ text|nonsense }}{% endif %}ok",
    "{{ (text|nonsense) if no else 'ok' }}",
    "{{ 'ok' if (text|nonsense) else 'x' }}",
    "{% if no %}{% for x in list %}{{ x|nonsense }}{% endfor %}{% endif %}",
    "{% if no %}{% set x %}{{ x|nonsense }}{% endset %}{% endif %}",
    "{% include 'x' %}",
    "{%- for m in people -%}\n  {{- m.name }}{% if not loop.last %}, {% endif -%}\n{%- endfor -%}",
    "{% for p in people %}\n    {% if p.active %}\n  * {{ p.name }}\n    {% else %}\n  - {{ p.name }}\n    {% endif %}\n{% endfor %}\nend",
    "\u00a0{% if yes %}\u3000\n{% endif %}\u2003{{- 1 }}",
    "{%if yes%}a{%endif%}{{number}}{{-number-}} b",
    "{% set loop = 5 %}{{ loop }}{% for x in [1] %}{{ loop.index }}{% endfor %}",

    "{{ loop }}",
    "{{ {'a': missing}.a is defined }}{{ [missing][0] }}",
    "{{ people|selectattr('home.city', 'in', ['Paris'])|map(attribute='name')|first }}",
    "{{ [[1, 2], [3]]|map('length')|list }}{{ [[1, 2], [3]]|map('join', '-')|list }}",
    "{{ words|map('upper')|length }}",
    "{{ (words|map('upper'))[0] is undefined }}",
    "{{ words|map('upper')|last }}",
    "{{ map.items()|first }}{{ (map.items())[0] is defined }}",
    "{{ map.items()|length }}{{ map.keys()|join }}{{ 'a' in map.keys() }}",
    "{% for x in range(3) %}{{ x }}{% endfor %}{{ range(3) is sequence }}{{ map.items() is sequence }}",
]

SNIPPETS = ["{{ " + line + " }}" for line in EXPRESSIONS] + STATEMENTS
