// Lesson texts for a terminal: md4c takes the Markdown apart, this fills the lines. Words are gathered until
// a blank, then placed. One thread.
#include "cli/markdown.h"

#include "base/error.h"

#include <md4c.h>
#include <stdbool.h>
#include <string.h>

#define DEEPEST 16

struct page {
  FILE *to;
  unsigned width, column;
  char word[1024]; // what has come since the last blank
  size_t size;
  bool fresh;      // nothing stands on the line yet
  bool blank_due;  // an empty line before the next block
  unsigned cells;  // of the table's row so far
  bool open;       // a block has begun and not ended
  bool verbatim;   // inside a code block
  bool line_began; // of it
  unsigned indent; // of the lists we are in
  struct {
    bool ordered;
    unsigned number;
    unsigned width; // of the mark of the item we are in
  } lists[DEEPEST];
  unsigned depth;
};

// Characters, not bytes: continuation bytes of UTF-8 take no room.
static unsigned width_of(const char *text, size_t size)
{
  unsigned width = 0;
  for (size_t i = 0; i < size; i++)
    width += ((unsigned char)text[i] & 0xc0) != 0x80;
  return width;
}

static void indent(struct page *page)
{
  for (unsigned i = 0; i < page->indent; i++)
    (void)fputc(' ', page->to);
  page->column = page->indent;
  page->fresh = true;
}

static void break_line(struct page *page)
{
  (void)fputc('\n', page->to);
  indent(page);
}

static void place_word(struct page *page)
{
  unsigned width = width_of(page->word, page->size);
  if (width == 0)
    return;
  if (!page->fresh && page->column + 1 + width > page->width)
    break_line(page);
  if (!page->fresh) {
    (void)fputc(' ', page->to);
    page->column++;
  }
  (void)fwrite(page->word, 1, page->size, page->to);
  page->column += width;
  page->fresh = false;
  page->size = 0;
}

static void put(struct page *page, const char *text, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    if (page->verbatim) {
      if (!page->line_began && text[i] != '\n')
        (void)fputs("    ", page->to);
      page->line_began = text[i] != '\n';
      (void)fputc(text[i], page->to);
    } else if (text[i] == ' ' || text[i] == '\n' || text[i] == '\t') {
      place_word(page);
    } else {
      if (page->size == sizeof page->word)
        place_word(page);
      page->word[page->size++] = text[i];
    }
  }
}

static void start_block(struct page *page)
{
  if (page->blank_due)
    (void)fputc('\n', page->to);
  page->blank_due = false;
  page->open = true;
  indent(page);
}

static void end_block(struct page *page)
{
  place_word(page);
  (void)fputc('\n', page->to);
  page->blank_due = true;
  page->open = false;
}

static void enter_list(struct page *page, bool ordered, unsigned start)
{
  if (page->open)
    end_block(page);
  if (page->depth < DEEPEST) {
    page->lists[page->depth].ordered = ordered;
    page->lists[page->depth].number = start;
  }
  page->depth++;
}

static void enter_item(struct page *page)
{
  char mark[24] = "- ";
  if (page->depth > 0 && page->depth <= DEEPEST && page->lists[page->depth - 1].ordered)
    (void)snprintf(mark, sizeof mark, "%u. ", page->lists[page->depth - 1].number++);
  start_block(page);
  (void)fputs(mark, page->to);
  page->column += (unsigned)strlen(mark);
  if (page->depth > 0 && page->depth <= DEEPEST) {
    page->lists[page->depth - 1].width = (unsigned)strlen(mark);
    page->indent += (unsigned)strlen(mark);
  }
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
  struct page *page = context;
  switch (type) {
  case MD_BLOCK_H:
    start_block(page);
    put(page, ((const MD_BLOCK_H_DETAIL *)detail)->level == 1 ? "== " : "-- ", 3);
    break;
  case MD_BLOCK_P:
    if (!page->open)
      start_block(page);
    break;
  case MD_BLOCK_UL:
    enter_list(page, false, 0);
    break;
  case MD_BLOCK_OL:
    enter_list(page, true, ((const MD_BLOCK_OL_DETAIL *)detail)->start);
    break;
  case MD_BLOCK_LI:
    enter_item(page);
    break;
  case MD_BLOCK_CODE:
    start_block(page);
    page->verbatim = true;
    page->line_began = false;
    break;
  case MD_BLOCK_TR:
    indent(page);
    page->cells = 0;
    break;
  case MD_BLOCK_TH:
  case MD_BLOCK_TD:
    if (page->cells++ > 0)
      (void)fputs(" | ", page->to);
    page->column = 0; // cells are not wrapped
    page->fresh = true;
    break;
  case MD_BLOCK_TABLE:
    start_block(page);
    break;
  default:
    break;
  }
  return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
  struct page *page = context;
  (void)detail;
  switch (type) {
  case MD_BLOCK_H:
  case MD_BLOCK_P:
    end_block(page);
    break;
  case MD_BLOCK_UL:
  case MD_BLOCK_OL:
    page->depth--;
    page->blank_due = page->depth == 0;
    break;
  case MD_BLOCK_LI:
    if (page->open)
      end_block(page);
    page->indent -= page->depth > 0 && page->depth <= DEEPEST ? page->lists[page->depth - 1].width : 0;
    page->blank_due = false;
    break;
  case MD_BLOCK_CODE:
    page->verbatim = page->open = false;
    page->blank_due = true;
    break;
  case MD_BLOCK_TH:
  case MD_BLOCK_TD:
    place_word(page);
    break;
  case MD_BLOCK_TR:
    (void)fputc('\n', page->to);
    break;
  case MD_BLOCK_TABLE:
    page->open = false;
    page->blank_due = true;
    break;
  default:
    break;
  }
  return 0;
}

static int span(MD_SPANTYPE type, void *detail, void *context)
{
  (void)type, (void)detail, (void)context;
  return 0;
}

static int text_comes(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
  struct page *page = context;
  if (type == MD_TEXT_BR) {
    place_word(page);
    break_line(page);
  } else if (type == MD_TEXT_SOFTBR) {
    put(page, " ", 1);
  } else {
    put(page, text, size);
  }
  return 0;
}

int hd_markdown_print(const char *text, size_t size, unsigned width, FILE *to)
{
  struct page page = {.to = to, .width = width, .fresh = true};
  const MD_PARSER parser = {.flags = MD_FLAG_TABLES,
                            .enter_block = enter_block,
                            .leave_block = leave_block,
                            .enter_span = span,
                            .leave_span = span,
                            .text = text_comes};
  int rc = md_parse(text, (MD_SIZE)size, &parser, &page);
  return rc == 0 ? HD_OK : rc < 0 ? HD_ENOMEM : HD_EFORMAT;
}
