/* Memory for the objects of a graph, which come and go by the million.

   A chunk of 128 kB holds objects of one size and gives them out in the order of their addresses; once all are freed it
   starts anew. So a graph lies in memory in the order in which it was made, and the backward pass walks it with the
   processor's prefetcher behind it: a list of free objects in the order of freeing made the same pass 1.5 to 2 times slower.

   The objects are GC objects (a header of two words stands before each) that are not tracked at birth: there are no cycles
   by construction, and a tracked million costs the collector more than all else. PyObject_GC_Track works on them. */
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)1 << 17)
#define GC_HEAD (2 * sizeof(uintptr_t))
#define EMPTY_KEPT 96                            /* chunks that each type keeps for its next graph: 12 MB */

typedef struct Chunk {
    struct Chunk *next, *prev;                   /* among the open ones: those with room */
    char *bump, *end;                            /* not given out since the chunk was last empty */
    void *freed;                                 /* given out and freed since */
    int live, open;
} Chunk;

typedef struct {
    size_t size;
    Chunk *open, *empty;
    int n_empty;
} Pool;

static void chunk_open(Pool* pool, Chunk* c) {
    c->prev = NULL;
    c->next = pool->open;
    if (c->next) c->next->prev = c;
    pool->open = c;
    c->open = 1;
}

static void chunk_close(Pool* pool, Chunk* c) {
    if (c->prev) c->prev->next = c->next; else pool->open = c->next;
    if (c->next) c->next->prev = c->prev;
    c->open = 0;
}

static Chunk* chunk_new(Pool* pool) {
    Chunk* c = pool->empty;
    if (c) {
        pool->empty = c->next;
        pool->n_empty--;
    } else {
        void* memory = NULL;
        if (posix_memalign(&memory, CHUNK, CHUNK)) return NULL;
        PyTraceMalloc_Track(0, (uintptr_t)memory, CHUNK);
        c = (Chunk*)memory;
    }
    c->bump = (char*)c + ((sizeof(Chunk) + 15) & ~(size_t)15);
    c->end = c->bump + ((char*)c + CHUNK - c->bump) / pool->size * pool->size;
    c->freed = NULL;
    c->live = 0;
    chunk_open(pool, c);
    return c;
}

static PyObject* pool_alloc(Pool* pool, PyTypeObject* type) {
    Chunk* c = pool->open ? pool->open : chunk_new(pool);
    char* p;
    if (!c) return PyErr_NoMemory();
    if (c->freed) { p = (char*)c->freed; c->freed = *(void**)p; }
    else { p = c->bump; c->bump += pool->size; }
    c->live++;
    if (!c->freed && c->bump == c->end) chunk_close(pool, c);
    memset(p, 0, pool->size);
    return PyObject_Init((PyObject*)(p + GC_HEAD), type);
}

static void pool_free(Pool* pool, void* object) {
    char* p = (char*)object - GC_HEAD;
    Chunk* c = (Chunk*)((uintptr_t)p & ~(uintptr_t)(CHUNK - 1));
    if (--c->live) {
        *(void**)p = c->freed;
        c->freed = p;
        if (!c->open) chunk_open(pool, c);
        return;
    }
    if (c->open) chunk_close(pool, c);
    if (pool->n_empty < EMPTY_KEPT) {
        c->next = pool->empty;
        pool->empty = c;
        pool->n_empty++;
    } else {
        PyTraceMalloc_Untrack(0, (uintptr_t)c);
        free(c);
    }
}

/* NAME_pool(type) gives a type a pool. Types that users derive in Python have Python's own allocation again. */
#if defined(GRADDL_NO_POOL) || defined(_WIN32) || defined(Py_GIL_DISABLED)
#define POOL(NAME) static void NAME##_pool(PyObject* type) { (void)type; }
#else
#define POOL(NAME)                                                                                                     \
    static Pool NAME##_memory;                                                                                         \
    static PyObject* NAME##_alloc(PyTypeObject* type, Py_ssize_t n) { (void)n; return pool_alloc(&NAME##_memory, type); } \
    static void NAME##_free(void* object) { pool_free(&NAME##_memory, object); }                                       \
    static void NAME##_pool(PyObject* type) {                                                                          \
        PyTypeObject* t = (PyTypeObject*)type;                                                                         \
        NAME##_memory.size = (GC_HEAD + (size_t)t->tp_basicsize + 15) & ~(size_t)15;                                   \
        t->tp_alloc = NAME##_alloc;                                                                                    \
        t->tp_free = NAME##_free;                                                                                      \
    }
#endif

POOL(scalar)
POOL(node)
POOL(tensor)
