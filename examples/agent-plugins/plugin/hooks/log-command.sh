#!/bin/sh
# Keeps each command that an agent wants to run. A host that runs hooks gives the call as JSON.
cat >> "${CLAUDE_PROJECT_DIR:-.}/.commands.jsonl"
