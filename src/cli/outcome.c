// What a recording comes to: its last state. One thread.
#include "cli/outcome.h"

#include "base/error.h"

int hd_outcome_fold(hdv_model **out, hd_log *log)
{
  hdv_model *model = NULL;
  struct hd_log_cursor cursor = {0};
  struct hd_entry entry;
  int rc = hdv_model_open(&model);
  while (rc == HD_OK && hd_log_next(log, &cursor, &entry) > 0)
    rc = hdv_model_fold(model, &entry);
  if (rc == HD_OK)
    *out = model;
  else if (model)
    hdv_model_close(model);
  return rc;
}
