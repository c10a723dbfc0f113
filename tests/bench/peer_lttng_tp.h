// The tracepoint of the LTTng peer: the payload of one heddle record besides its stamp (object, kind, two numbers).
// The form of this file, including the double inclusion, is what lttng/tracepoint.h asks for.
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER heddle_bench
#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "peer_lttng_tp.h"

#if !defined(HEDDLE_PEER_LTTNG_TP_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define HEDDLE_PEER_LTTNG_TP_H

#include <lttng/tracepoint.h>
#include <stdint.h>

LTTNG_UST_TRACEPOINT_EVENT(heddle_bench, point,
  LTTNG_UST_TP_ARGS(uint32_t, object, uint64_t, a, uint64_t, b),
  LTTNG_UST_TP_FIELDS(
    lttng_ust_field_integer(uint32_t, object, object)
    lttng_ust_field_integer(uint64_t, a, a)
    lttng_ust_field_integer(uint64_t, b, b)))

#endif

#include <lttng/tracepoint-event.h>
