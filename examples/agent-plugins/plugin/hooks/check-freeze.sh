#!/bin/sh
# Stops what deploys while a file says that nothing is deployed: exit 2 refuses the call.
if [ -e "${CLAUDE_PROJECT_DIR:-.}/.freeze" ]; then
  echo "no deployments now: $(cat "${CLAUDE_PROJECT_DIR:-.}/.freeze")" >&2
  exit 2
fi
