// Ports: two ends of a line between loops; messages are copied in and delivered one callback each in the poll
// phase (M1, M2, M4). A port belongs to the loop it is opened on. Threads: each end from its loop's thread;
// posting reaches the other end's thread safely.
#ifndef HD_PORT_PORT_H
#define HD_PORT_PORT_H

#include "loop/loop.h"

typedef struct hd_port hd_port;

// bytes are valid during the callback only.
typedef void hd_message_fn(hd_port *port, const void *bytes, size_t size, void *data);
typedef void hd_port_closed_fn(hd_port *port, void *data);

// A connected pair of ports, not yet bound to a loop: bind each end on its own thread. name (may be NULL) is
// for the viewers. HD_EINVAL, HD_ENOMEM.
int hd_port_pair(hd_port **a, hd_port **b, const char *name);
int hd_port_bind(hd_port *port, hd_loop *loop); // on the loop's thread; HD_EBUSY when bound, HD_ETHREAD

// Copies the bytes (size may be 0) and queues them at the other end. Posting to a closed end is silently
// dropped (M6). HD_EINVAL, HD_ENOMEM, HD_ECLOSED (this end), HD_ETHREAD (bound to another thread's loop).
int hd_port_post(hd_port *port, const void *bytes, size_t size);

// Starts delivery: messages wait until the first listener (M4). A listening port keeps its loop alive. NULL
// stops and lets the loop go. HD_EINVAL (not bound), HD_ECLOSED, HD_ETHREAD.
int hd_port_on_message(hd_port *port, hd_message_fn *fn, void *data);

// Whether the port keeps its loop alive, listening or not. HD_EINVAL (not bound), HD_ECLOSED, HD_ETHREAD.
int hd_port_ref(hd_port *port, bool ref);

// Closes both ends: what was posted before is delivered to the other end, then its closed callback comes in
// the close phase (M6). closed (may be NULL) comes for this end in the close phase; the end is freed after
// its closed callback. An end that was never bound is freed at once, without callback. HD_ECLOSED when it
// closes already, HD_ETHREAD.
int hd_port_close(hd_port *port, hd_port_closed_fn *closed, void *data);

// What is called when this end closes because the other one did. NULL removes it.
void hd_port_on_close(hd_port *port, hd_port_closed_fn *closed, void *data);

hd_loop *hd_port_loop(const hd_port *port); // NULL when not bound
uint32_t hd_port_object(const hd_port *port);

#endif
