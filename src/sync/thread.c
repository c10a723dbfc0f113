// Threads of lesson code: managed ones are known to the gate from before pthread_create() returns until they
// have ended. Invariant: `lock` guards the list of those that can still be joined or detached. Any thread.
#include "base/error.h"
#include "base/list.h"
#include "sync/object.h"
#include "sync/sync.h"

#include <errno.h>
#include <stdlib.h>

struct joinable {
  struct hd_list link;
  hd_thread *thread;
};

static hd_lock lock = HD_LOCK_INIT;
static struct hd_list joinables = {&joinables, &joinables};

static void remember(struct joinable *joinable, hd_thread *thread)
{
  joinable->thread = thread;
  hd_lock_take(&lock);
  hd_list_push(&joinables, &joinable->link);
  hd_lock_give(&lock);
}

// Takes a thread out of the list; NULL: not one of ours.
static hd_thread *take(pthread_t handle)
{
  struct joinable *found = NULL;
  hd_lock_take(&lock);
  for (struct hd_list *at = joinables.next; at != &joinables && !found; at = at->next) {
    struct joinable *joinable = hd_list_entry(at, struct joinable, link);
    if (pthread_equal(hd_thread_handle(joinable->thread), handle))
      found = joinable;
  }
  if (found)
    hd_list_remove(&found->link);
  hd_lock_give(&lock);
  hd_thread *thread = found ? found->thread : NULL;
  free(found);
  return thread;
}

static int errno_of(int error)
{
  return error == HD_EINVAL ? EINVAL : EAGAIN;
}

static int create(pthread_t *out, const pthread_attr_t *attr, void *(*fn)(void *), void *arg, uint64_t place)
{
  struct hd_thread_opts opts = {.role = HD_ROLE_THREAD, .place = (uint64_t)(uintptr_t)fn, .maker = place};
  int detached = PTHREAD_CREATE_JOINABLE;
  if (attr &&
      (pthread_attr_getdetachstate(attr, &detached) || pthread_attr_getstacksize(attr, &opts.stack_bytes)))
    return EINVAL;
  struct joinable *joinable = malloc(sizeof *joinable);
  if (!joinable)
    return EAGAIN;
  hd_thread *thread;
  const int error = hd_thread_start(&thread, fn, arg, &opts);
  if (error) {
    free(joinable);
    return errno_of(error);
  }
  *out = hd_thread_handle(thread);
  if (detached == PTHREAD_CREATE_JOINABLE) {
    remember(joinable, thread);
  } else {
    free(joinable);
    hd_thread_detach(thread);
  }
  return 0;
}

int hd_sync_thread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr,
                          void *(*fn)(void *), void *restrict arg)
{
  return hd_sync_managed() ? create(thread, attr, fn, arg, hd_caller())
                           : pthread_create(thread, attr, fn, arg);
}

int hd_sync_thread_join(pthread_t handle, void **result)
{
  if (!hd_sync_managed())
    return pthread_join(handle, result);
  if (pthread_equal(handle, pthread_self()))
    return EDEADLK;
  hd_thread *thread = take(handle);
  if (!thread)
    return pthread_join(handle, result); // not one of ours: the library's, or an error
  hd_thread_join_at(thread, result, hd_caller());
  return 0;
}

int hd_sync_thread_detach(pthread_t handle)
{
  hd_thread *thread = hd_sync_managed() ? take(handle) : NULL;
  if (!thread)
    return pthread_detach(handle);
  hd_thread_detach(thread);
  return 0;
}

void hd_sync_thread_exit(void *result)
{
  hd_thread_exit(result);
}
