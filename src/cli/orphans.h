// Programs that a child left behind: while one runs we adopt what leaves its process group and loses its
// parent, and end it with the child. Linux; elsewhere the process group alone is ended. One thread.
#ifndef HD_CLI_ORPHANS_H
#define HD_CLI_ORPHANS_H

// Before a child is started: from now on orphans below us become our children. Whatever is our child already
// is not touched later.
void hd_orphans_begin(void);

// After it has been reaped: ends what it left. Does nothing while another child started since still runs.
void hd_orphans_end(void);

#endif
