// The rows of a batch in both precisions.
#include "include/batches.h"
#include "dispatch.h"
#include <string.h>

#define TEMPLATE "batches_template.h"
#include "both_precisions.h"
