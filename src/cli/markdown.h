// Lesson texts for a terminal: Markdown as plain, wrapped text. One thread.
#ifndef HD_CLI_MARKDOWN_H
#define HD_CLI_MARKDOWN_H

#include <stddef.h>
#include <stdio.h>

// Prints the text in lines of at most width characters (code and tables are not wrapped). HD_EFORMAT when it
// cannot be parsed, HD_ENOMEM.
int hd_markdown_print(const char *text, size_t size, unsigned width, FILE *to);

#endif
