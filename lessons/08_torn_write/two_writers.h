// Two writers and one value of 256 bytes.
#ifndef TWO_WRITERS_H
#define TWO_WRITERS_H

// A stage of its own: natural phase, forced phase, and what was observed.
void race_two_writers(void);

#endif
