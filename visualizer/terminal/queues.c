// The queues: tasks that wait for a worker, tasks whose callback waits for the loop, messages on their way.
// An object that the step shown has moved stands out. Pure.
#include "terminal/view.h"

#include <stdio.h>
#include <string.h>

// The short name of an object in a queue: its number, else its name; of a timer also when it is due.
static const char *short_name(const hdv_model *model, const struct hdv_object *object, char *out, size_t cap)
{
  if (object->kind == HDV_TIMER && !object->name[0])
    snprintf(out, cap, "%u@%llums", object->number, (unsigned long long)(object->x / 1000000));
  else if (object->number && !object->name[0])
    snprintf(out, cap, "%u", object->number);
  else
    hdv_model_name(model, object->id, out, cap);
  return out;
}

// Moves x, y to where a chip of this width fits, keeping room for "+rest" on the last row. false: nowhere.
static bool find_room(const struct hdv_box *box, int *x, int *y, int width, uint32_t rest)
{
  for (;;) {
    bool last = *y == box->h - 1;
    int keep = last && rest ? snprintf(NULL, 0, " +%u", rest) : 0;
    if (*x + width + keep <= box->w)
      return true;
    if (last)
      return false;
    *x = 0;
    (*y)++;
  }
}

int hdv_put_chips(const struct hdv_canvas *canvas, struct hdv_box box, const struct hdv_view *view, uint32_t owner,
                  enum hdv_queue queue)
{
  uint32_t at = 0, left = hdv_model_queue_length(view->model, owner, queue);
  int x = 0, y = 0;
  const struct hdv_object *object;
  while (left && box.h > 0 && (object = hdv_model_queue(view->model, owner, queue, &at)) != NULL) {
    char name[HDV_NAME_SIZE + 8];
    int width = hdv_width(short_name(view->model, object, name, sizeof name));
    width = width > box.w ? box.w : width;
    if (!find_room(&box, &x, &y, width, left - 1))
      break;
    bool moved = object->changed == view->status.step;
    hdv_put_cut(canvas, box.x + x, box.y + y, width, moved ? HDV_STYLE_MOVED : HDV_STYLE_CHIP, name);
    x += width + 1;
    left--;
  }
  if (left && box.h > 0)
    return hdv_putf(canvas, box.x + x, box.y + y, HDV_STYLE_SOFT, "+%u", left);
  return box.x + (x ? x - 1 : 0);
}

// One queue with its head, in rows top .. top+rows-1.
static void draw_queue(const struct hdv_canvas *canvas, int top, int rows, const struct hdv_view *view,
                       const struct hdv_pool *pool, enum hdv_queue queue)
{
  char head[64], name[HDV_NAME_SIZE + 8] = "", right[24];
  const struct hdv_object *object = hdv_model_object(view->model, pool->id);
  const struct hdv_pool *pools;
  if (hdv_model_pools(view->model, &pools) > 1 && object)
    hdv_model_name(view->model, pool->id, name, sizeof name);
  snprintf(head, sizeof head, "%s%s%s", queue == HDV_QUEUE_TASKS ? "TASK QUEUE" : "COMPLETIONS", *name ? " " : "", name);
  if (pool->known)
    snprintf(right, sizeof right, "%u", hdv_model_queue_length(view->model, pool->id, queue));
  else
    snprintf(right, sizeof right, "unknown");
  struct hdv_canvas part = hdv_canvas_in(canvas, (struct hdv_box){0, top, canvas->box.w, rows});
  hdv_header(&part, head, right);
  if (!hdv_model_queue_length(view->model, pool->id, queue))
    hdv_put(&part, 0, 1, HDV_STYLE_RULE, "none");
  hdv_put_chips(&part, (struct hdv_box){0, 1, part.box.w, rows - 1}, view, pool->id, queue);
}

// One row per port: its name and the messages on their way to it.
static void draw_ports(const struct hdv_canvas *canvas, int top, int rows, const struct hdv_view *view)
{
  struct hdv_canvas part = hdv_canvas_in(canvas, (struct hdv_box){0, top, canvas->box.w, rows});
  const struct hdv_object *port;
  uint32_t at = 0, total = 0;
  int y = 1, skipped = 0;
  while ((port = hdv_model_each(view->model, HDV_PORT, &at)) != NULL) {
    char name[HDV_NAME_SIZE + 8];
    uint32_t length = hdv_model_queue_length(view->model, port->id, HDV_QUEUE_MESSAGES);
    total += length;
    if (y >= rows) {
      skipped++;
      continue;
    }
    int x = hdv_put_cut(&part, 0, y, part.box.w / 2, length ? HDV_STYLE_TEXT : HDV_STYLE_SOFT,
                        hdv_model_name(view->model, port->id, name, sizeof name));
    hdv_put_chips(&part, (struct hdv_box){x + 1, y, part.box.w - x - 1, 1}, view, port->id, HDV_QUEUE_MESSAGES);
    y++;
  }
  char right[48];
  if (skipped)
    snprintf(right, sizeof right, "%u, %d ports more", total, skipped);
  else
    snprintf(right, sizeof right, "%u", total);
  hdv_header(&part, "MESSAGES", right);
}

void hdv_draw_queues(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  const struct hdv_pool *pools;
  size_t count = hdv_model_pools(view->model, &pools);
  uint32_t at = 0;
  bool ports = hdv_model_each(view->model, HDV_PORT, &at) != NULL;
  int sections = (int)(count > 4 ? 4 : count) * 2 + (ports ? 1 : 0), top = 0;
  for (int i = 0; i < sections; i++) {
    int rows = (canvas->box.h - top) / (sections - i);
    if (ports && i == sections - 1)
      draw_ports(canvas, top, rows, view);
    else
      draw_queue(canvas, top, rows, view, &pools[i / 2], i % 2 ? HDV_QUEUE_COMPLETIONS : HDV_QUEUE_TASKS);
    top += rows;
  }
}
