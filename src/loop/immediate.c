// Immediates: the check phase (L2, L3, L6). Invariant: those made while the phase runs wait for the next
// turn. Loop thread only.
#include "loop/inside.h"

struct immediate {
  struct hd_slab_item item;
  struct hd_list link;
  hd_callback_fn *fn;
  void *data;
  uint32_t object;
  bool refed;
};

void hd_immediates_open(hd_loop *loop)
{
  hd_slab_init(&loop->immediates.slab, sizeof(struct immediate));
  hd_list_init(&loop->immediates.queued);
  hd_list_init(&loop->immediates.outstanding);
}

void hd_immediates_close(hd_loop *loop)
{
  hd_slab_destroy(&loop->immediates.slab);
}

int hd_immediate_set(hd_loop *loop, hd_callback_fn *fn, void *data, struct hd_immediate *out)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK || !fn)
    return status != HD_OK ? status : HD_EINVAL;
  struct immediate *immediate = hd_slab_take(&loop->immediates.slab);
  if (!immediate)
    return HD_ENOMEM;
  immediate->fn = fn;
  immediate->data = data;
  immediate->object = hd_trace_object();
  immediate->refed = true;
  loop->immediates.refs++;
  hd_list_push(&loop->immediates.queued, &immediate->link);
  if (out)
    *out = (struct hd_immediate){immediate->item.index, immediate->item.generation};
  hd_point_at(HD_EV_IMMEDIATE_QUEUED, immediate->object, loop->object, ++loop->immediates.number,
              hd_caller());
  return HD_OK;
}

static int find(hd_loop *loop, struct hd_immediate handle, struct immediate **out)
{
  int status = hd_loop_check(loop);
  if (status != HD_OK)
    return status;
  *out = hd_slab_find(&loop->immediates.slab, handle.index, handle.generation);
  return *out ? HD_OK : HD_ENOENT;
}

static void set_refed(hd_loop *loop, struct immediate *immediate, bool refed)
{
  if (immediate->refed != refed)
    loop->immediates.refs += refed ? 1u : -1u;
  immediate->refed = refed;
}

static void take_out(hd_loop *loop, struct immediate *immediate)
{
  set_refed(loop, immediate, false);
  hd_list_remove(&immediate->link);
  hd_slab_give(&loop->immediates.slab, immediate);
}

int hd_immediate_clear(hd_loop *loop, struct hd_immediate handle)
{
  struct immediate *immediate;
  int status = find(loop, handle, &immediate);
  if (status != HD_OK)
    return status;
  uint32_t object = immediate->object;
  take_out(loop, immediate);
  hd_point_at(HD_EV_IMMEDIATE_CLEARED, object, loop->object, 0, hd_caller());
  return HD_OK;
}

int hd_immediate_ref(hd_loop *loop, struct hd_immediate handle, bool ref)
{
  struct immediate *immediate;
  int status = find(loop, handle, &immediate);
  if (status == HD_OK)
    set_refed(loop, immediate, ref);
  return status;
}

static void run_one(hd_loop *loop, struct immediate *immediate)
{
  hd_callback_fn *fn = immediate->fn;
  void *data = immediate->data;
  uint32_t object = immediate->object;
  take_out(loop, immediate);
  hd_callback_begin(loop, HD_CALLBACK_IMMEDIATE, object, hd_fn_place(fn));
  fn(loop, data);
  bool thrown = loop->thrown != 0;
  hd_callback_end(loop);
  // After a handled error the next immediate runs before the ticks (E7).
  if (!thrown || hd_list_empty(&loop->immediates.outstanding))
    hd_callback_drain(loop);
}

void hd_immediates_phase(hd_loop *loop)
{
  struct hd_immediates *all = &loop->immediates;
  loop->phase = HD_PHASE_CHECK;
  hd_list_move_all(&all->outstanding, &all->queued);
  while (!hd_list_empty(&all->outstanding) && !hd_loop_halted(loop))
    run_one(loop, hd_list_entry(all->outstanding.next, struct immediate, link));
}
