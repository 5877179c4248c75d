/* cppcheck.h - what cppcheck has to know of libraries that it does not read. */
#define cJSON_ArrayForEach(e, a) for ((e) = (a)->child; (e); (e) = (e)->next)
