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

// The widest name among the first objects of a queue.
static int widest(const struct hdv_view *view, uint32_t owner, enum hdv_queue queue, int limit)
{
  uint32_t at = 0;
  int width = 1;
  const struct hdv_object *object;
  while (limit-- > 0 && (object = hdv_model_queue(view->model, owner, queue, &at)) != NULL) {
    char name[HDV_NAME_SIZE + 8];
    int one = hdv_width(short_name(view->model, object, name, sizeof name));
    width = one > width ? one : width;
  }
  return width;
}

// Tasks keep their places while those before them leave: their cells are counted by their numbers, so that
// the row drains from the left and moves up when it is empty. Returns how many cells of the first row are
// empty.
static int drained(const struct hdv_view *view, uint32_t owner, enum hdv_queue queue, int per_row)
{
  uint32_t at = 0;
  const struct hdv_object *front =
      queue == HDV_QUEUE_TASKS ? hdv_model_queue(view->model, owner, queue, &at) : NULL;
  return front && front->number && per_row > 0 ? (int)((front->number - 1) % (uint32_t)per_row) : 0;
}

int hdv_put_chips(const struct hdv_canvas *canvas, struct hdv_box box, const struct hdv_view *view,
                  uint32_t owner, enum hdv_queue queue)
{
  uint32_t at = 0, left = hdv_model_queue_length(view->model, owner, queue);
  bool in_cells = box.h > 1;
  int cell = in_cells ? widest(view, owner, queue, box.w * box.h / 2) : 0, y = 0;
  int x = in_cells ? drained(view, owner, queue, (box.w + 1) / (cell + 1)) * (cell + 1) : 0;
  const struct hdv_object *object;
  while (left && box.h > 0 && (object = hdv_model_queue(view->model, owner, queue, &at)) != NULL) {
    char name[HDV_NAME_SIZE + 8];
    int width = hdv_width(short_name(view->model, object, name, sizeof name));
    width = width > box.w ? box.w : width > cell ? width : cell;
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
  snprintf(head, sizeof head, "%s%s%s", queue == HDV_QUEUE_TASKS ? "TASK QUEUE" : "COMPLETIONS",
           *name ? " " : "", name);
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

static void draw_port(const struct hdv_canvas *canvas, int y, const struct hdv_view *view,
                      const struct hdv_object *port)
{
  char name[HDV_NAME_SIZE + 8];
  hdv_model_name(view->model, port->id, name, sizeof name);
  if (!hdv_model_queue_length(view->model, port->id, HDV_QUEUE_MESSAGES)) {
    hdv_put_cut(canvas, 0, y, canvas->box.w, HDV_STYLE_RULE, name);
    return;
  }
  int x = hdv_put_cut(canvas, 0, y, canvas->box.w - 4, HDV_STYLE_TEXT, name) + 1;
  hdv_put_chips(canvas, (struct hdv_box){x, y, canvas->box.w - x, 1}, view, port->id, HDV_QUEUE_MESSAGES);
}

// One row per port: its name and the messages on their way to it. Those that hold something come first.
static void draw_ports(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  const struct hdv_object *port;
  uint32_t total = 0;
  int y = 1, busy = 0;
  char right[48];
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t at = 0; (port = hdv_model_each(view->model, HDV_PORT, &at)) != NULL;) {
      uint32_t length = hdv_model_queue_length(view->model, port->id, HDV_QUEUE_MESSAGES);
      if ((length != 0) != (pass == 0))
        continue;
      total += length;
      busy += length != 0;
      if (y < canvas->box.h)
        draw_port(canvas, y++, view, port);
    }
  }
  if (busy >= canvas->box.h)
    snprintf(right, sizeof right, "%u at %d ports", total, busy);
  else
    snprintf(right, sizeof right, "%u", total);
  hdv_header(canvas, "MESSAGES", right);
}

static int count_ports(const struct hdv_view *view)
{
  int ports = 0;
  for (uint32_t at = 0; hdv_model_each(view->model, HDV_PORT, &at) != NULL;)
    ports++;
  return ports;
}

// Ports take the lower rows: all of them without a pool, else a quarter, for a pool's workers use them all
// the time.
void hdv_draw_queues(const struct hdv_canvas *canvas, const struct hdv_view *view)
{
  const struct hdv_pool *pools;
  size_t count = hdv_model_pools(view->model, &pools);
  int h = canvas->box.h, ports = count_ports(view), below = 0, top = 0;
  if (ports)
    below = !count ? h : ports + 1 < h / 4 ? ports + 1 : h / 4 < 2 ? 2 : h / 4;
  int sections = (int)(count > 4 ? 4 : count) * 2;
  for (int i = 0; i < sections; i++) {
    int rows = (h - below - top + sections - i - 1) / (sections - i);
    draw_queue(canvas, top, rows, view, &pools[i / 2], i % 2 ? HDV_QUEUE_COMPLETIONS : HDV_QUEUE_TASKS);
    top += rows;
  }
  struct hdv_canvas part = hdv_canvas_in(canvas, (struct hdv_box){0, h - below, canvas->box.w, below});
  if (below)
    draw_ports(&part, view);
}
