"""`python -m columnar`."""

from columnar.cli import main

if __name__ == "__main__":
    main()
