#!/bin/sh
# Takes white space off the ends of lines of the changelog.
sed -i 's/[[:space:]]*$//' "${CLAUDE_PROJECT_DIR:-.}/CHANGELOG.md"
