"""The shredder against its peers and against the machine: `make bench-shred`, or

    python -m bench shred [--case NAME] [--rounds N] [--cpu] [--no-memory] [--json FILE]

Everything is measured in one run: per round it is each contestant's turn once (A B C A B C …), figures are medians
over the rounds, and ratios are medians of the ratios round by round. In its turn a contestant shreds all documents,
again and again until 0.3 seconds have gone, and the mean counts: what the one before left in the caches would
otherwise weigh most on the fastest. Python's garbage is collected before each turn and not within it, as timeit does.
Before that the native shredder's tables are compared with the reference's on the same documents, and those of lxml
XPath on some of them; where they differ the run ends with an error. Missed targets do not: this is a benchmark. `--cpu`
takes processor time instead of wall time: one thread's figures on a busy machine.

cases.py         the kinds of documents, each with its contract (generated.py makes two of them)
contestants.py   who takes part; xpath.py and xml2arrow_mapping.py say the contract in the peers' terms
limits.py        what the machine can do with the same bytes: limits.c, compiled on the fly
memory.py        how far memory grows, a process for each contestant
verify.py        the comparison
figures.py       rates and ratios; targets.py: what they should be; report.py: both as text and JSON

xml2arrow is installed by `python -m pip install --group bench`; a C compiler is looked for as cc, gcc or clang. What is
missing is left out with a message. Documents that are refused are compared, but not timed. MB are 1,000,000 bytes of
documents as they are stored; the peers get them as a list of UTF-8 texts without byte order mark and declaration.
"""
