// What workers need of ports beyond port.h: prepared messages, a listener without a callback of its own, and
// ends that close by force. For src/worker only. Threads as in port.h.
#ifndef HD_PORT_INSIDE_H
#define HD_PORT_INSIDE_H

#include "port/mailbox.h"
#include "port/port.h"

// As in port.h; place is the code address of whoever asked for it, for the picture.
int hd_port_bind_at(hd_port *port, hd_loop *loop, uint64_t place);
int hd_port_post_at(hd_port *port, const void *bytes, size_t size, uint64_t place);

// Sends it; the port owns it from then on. Never fails: to a closed end it is dropped.
void hd_port_send(hd_port *port, struct hd_message *message, uint64_t place);

// Listens without holding the loop. fn brackets what it calls itself; the message is freed afterwards.
// Such an end is the caller's: it stays when the other one closes, and the loop's end does not end it;
// hd_port_end() does.
typedef void hd_port_take_fn(hd_port *port, const struct hd_message *message, void *data);
void hd_port_on_take(hd_port *port, hd_port_take_fn *fn, void *data);

// Delivers what has been posted so far, now.
void hd_port_drain(hd_port *port);

// Closes this end at once, without callbacks; what waits for it is dropped. Not while it is delivering.
void hd_port_end(hd_port *port);

#endif
