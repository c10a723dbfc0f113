// Opening the person's editor at a line. One thread.
#ifndef HD_CLI_EDITOR_H
#define HD_CLI_EDITOR_H

// Opens $VISUAL, $EDITOR or the first common one that is there, on this terminal, and waits until it is left.
// HD_EXIT_OK, or the exit status that fits (told).
int hd_editor_open(const char *file, unsigned line);

#endif
