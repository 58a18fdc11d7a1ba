#!/bin/sh
# Puts its text and the number of its lines before a text file: change123.sh INPUT OUTPUT
set -eu
{
  echo "$TEST_ENV: $(wc -l < "$1" | tr -d ' ') lines"
  cat -- "$1"
} > "$2"
