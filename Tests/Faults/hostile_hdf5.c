// Makes HDF5 files that no program should write, each a matrix of 10x or AnnData with one fault:
//   hostile_hdf5 FOLDER SECRET
// SECRET is a file outside whose bytes must never come into a result.
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CELLS = 12, GENES = 8, ENTRIES = CELLS * 4 };
static const char *folder, *secret;

static hid_t create(const char *name, char *path) {
  snprintf(path, 4096, "%s/%s.h5", folder, name);
  return H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
}

static hid_t space(int rank, const hsize_t *sizes) { return H5Screate_simple(rank, sizes, NULL); }

static void put(hid_t group, const char *name, hid_t type, hsize_t count, const void *values) {
  hid_t shape = space(1, &count);
  hid_t set = H5Dcreate2(group, name, type, shape, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dclose(set);
  H5Sclose(shape);
}

static void put_names(hid_t group, const char *name, const char *prefix, int count, int twice) {
  char (*names)[16] = calloc((size_t)count, 16);
  for (int i = 0; i < count; i++) snprintf(names[i], 16, "%s%d", prefix, twice && i == 1 ? 0 : i);
  hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 16);
  put(group, name, text, (hsize_t)count, names);
  free(names);
}

/// What is wrong with the sparse matrix.
struct sparse {
  const char *left_out;     // a member that something else takes the place of
  int swaps_pointers;       // indptr falls
  int index;                // put into indices, unless −2
  long long rows, columns;  // claimed, unless 0
  double value;             // put into data, unless 0
  int twice;                // two cells of one name
};

static hid_t tenx(hid_t file, struct sparse wrong) {
  hid_t group = H5Gcreate2(file, "matrix", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  double data[ENTRIES];
  int indices[ENTRIES];
  long long pointers[CELLS + 1] = {0}, shape[2] = {wrong.rows ? wrong.rows : GENES, wrong.columns ? wrong.columns : CELLS};
  for (int i = 0; i < CELLS; i++) {
    for (int k = 0; k < 4; k++) {
      data[4 * i + k] = 1 + (i * 7 + k * 3) % 9;
      indices[4 * i + k] = (i + 2 * k) % GENES;
    }
    pointers[i + 1] = 4 * (i + 1);
  }
  if (wrong.swaps_pointers) pointers[5] = 28, pointers[6] = 20;
  if (wrong.index != -2) indices[9] = wrong.index;
  if (wrong.value != 0) data[9] = wrong.value;
  const char *gone = wrong.left_out ? wrong.left_out : "";
  if (strcmp(gone, "data")) put(group, "data", H5T_NATIVE_DOUBLE, ENTRIES, data);
  if (strcmp(gone, "indices")) put(group, "indices", H5T_NATIVE_INT, ENTRIES, indices);
  if (strcmp(gone, "indptr")) put(group, "indptr", H5T_NATIVE_LLONG, CELLS + 1, pointers);
  if (strcmp(gone, "shape")) put(group, "shape", H5T_NATIVE_LLONG, 2, shape);
  if (strcmp(gone, "barcodes")) put_names(group, "barcodes", "cell", CELLS, wrong.twice);
  hid_t features = H5Gcreate2(group, "features", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (strcmp(gone, "id")) put_names(features, "id", "G", GENES, 0);
  if (strcmp(gone, "name")) put_names(features, "name", "gene", GENES, 0);
  H5Gclose(features);
  return group;
}

static const struct sparse sound = {NULL, 0, -2, 0, 0, 0, 0};

static void with(const char *name, struct sparse wrong, void (*change)(hid_t file, hid_t group, const char *path)) {
  char path[4096];
  hid_t file = create(name, path), group = tenx(file, wrong);
  if (change) change(file, group, path);
  H5Gclose(group);
  H5Fclose(file);
}

static struct sparse without(const char *member) {
  struct sparse wrong = sound;
  wrong.left_out = member;
  return wrong;
}

static void external_link(hid_t file, hid_t group, const char *path) {
  (void)path;
  // The target is a file with a sound matrix: only its being elsewhere is wrong.
  char target[4096];
  snprintf(target, sizeof target, "%s/sound.h5", folder);
  H5Lcreate_external(target, "/matrix/data", group, "data", H5P_DEFAULT, H5P_DEFAULT);
  (void)file;
}

static void external_group(hid_t file, hid_t group, const char *path) {
  external_link(file, group, path);
  char target[4096];
  snprintf(target, sizeof target, "%s/sound.h5", folder);
  H5Ldelete(file, "matrix", H5P_DEFAULT);
  H5Lcreate_external(target, "/matrix", file, "matrix", H5P_DEFAULT, H5P_DEFAULT);
}

static void link_through_link(hid_t file, hid_t group, const char *path) {
  char target[4096];
  snprintf(target, sizeof target, "%s/sound.h5", folder);
  H5Lcreate_external(target, "/matrix", file, "elsewhere", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/elsewhere/data", group, "data", H5P_DEFAULT, H5P_DEFAULT);
  (void)path;
}

static void external_storage(hid_t group, const char *name, hid_t type, hsize_t count) {
  hid_t plan = H5Pcreate(H5P_DATASET_CREATE), shape = space(1, &count);
  H5Pset_external(plan, secret, 0, count * H5Tget_size(type));
  H5Dclose(H5Dcreate2(group, name, type, shape, H5P_DEFAULT, plan, H5P_DEFAULT));
}

static void stored_elsewhere(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  external_storage(group, "data", H5T_NATIVE_UCHAR, ENTRIES);
}

static void names_elsewhere(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 4);
  external_storage(group, "barcodes", text, CELLS);
}

static void virtual_set(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  hsize_t count = ENTRIES;
  char source[4096];
  snprintf(source, sizeof source, "%s/sound.h5", folder);
  hid_t shape = space(1, &count), plan = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_virtual(plan, shape, source, "/matrix/data", shape);
  H5Dclose(H5Dcreate2(group, "data", H5T_NATIVE_DOUBLE, shape, H5P_DEFAULT, plan, H5P_DEFAULT));
}

static void soft_loop(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  H5Lcreate_soft("/matrix/other", group, "data", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/matrix/data", group, "other", H5P_DEFAULT, H5P_DEFAULT);
}

static void group_for_array(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  H5Gclose(H5Gcreate2(group, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void text_for_numbers(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  put_names(group, "data", "x", ENTRIES, 0);
}

static void numbers_for_text(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  double none[CELLS] = {0};
  put(group, "barcodes", H5T_NATIVE_DOUBLE, CELLS, none);
}

static void huge(hid_t group, const char *name, hsize_t count, hsize_t chunk, int deflates) {
  hsize_t most = H5S_UNLIMITED;
  hid_t plan = H5Pcreate(H5P_DATASET_CREATE), shape = H5Screate_simple(1, &count, &most);
  H5Pset_chunk(plan, 1, &chunk);
  if (deflates) H5Pset_deflate(plan, 9);
  hid_t set = H5Dcreate2(group, name, H5T_NATIVE_DOUBLE, shape, H5P_DEFAULT, plan, H5P_DEFAULT);
  H5Dclose(set);
}

static void dimension_bomb(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  huge(group, "data", 1ULL << 60, 1024, 0);
}

static void many_values(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  huge(group, "data", 1ULL << 40, 1 << 20, 1);
}

static void large_pieces(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  huge(group, "data", ENTRIES, 500000000, 1);
}

/// 256 MiB of zeros in chunks of 64, written packed: a file of some hundred kilobytes.
static void deflate_bomb(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  hsize_t count = 32 << 20, chunk = 8 << 20;
  hid_t plan = H5Pcreate(H5P_DATASET_CREATE), shape = space(1, &count);
  H5Pset_chunk(plan, 1, &chunk);
  H5Pset_deflate(plan, 9);
  hid_t set = H5Dcreate2(group, "data", H5T_NATIVE_DOUBLE, shape, H5P_DEFAULT, plan, H5P_DEFAULT);
  double *zeros = calloc(count, sizeof *zeros);
  H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros);
  free(zeros);
  H5Dclose(set);
}

/// A chunk of 32 MiB of zeros, deflated, in an array whose only chunk should have 48 values.
static void chunk_that_swells(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  hsize_t count = ENTRIES, size = ENTRIES;
  hid_t plan = H5Pcreate(H5P_DATASET_CREATE), shape = space(1, &count);
  H5Pset_chunk(plan, 1, &size);
  H5Pset_deflate(plan, 9);
  hid_t set = H5Dcreate2(group, "data", H5T_NATIVE_DOUBLE, shape, H5P_DEFAULT, plan, H5P_DEFAULT);
  uLong bytes = 32 << 20;
  uLongf length = compressBound(bytes);
  Bytef *zeros = calloc(1, bytes), *packed = malloc(length);
  compress2(packed, &length, zeros, bytes, 9);
  hsize_t start = 0;
  H5Dwrite_chunk(set, H5P_DEFAULT, 0, &start, length, packed);
  free(zeros);
  free(packed);
  H5Dclose(set);
}

static size_t pass(unsigned flags, size_t n, const unsigned values[], size_t size, size_t *room, void **bytes) {
  (void)flags, (void)n, (void)values, (void)room, (void)bytes;
  return size;
}

static void plugin(hid_t group, H5Z_filter_t number, const char *name, unsigned flags) {
  const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, number, 1, 1, name, NULL, NULL, pass};
  H5Zregister(&filter);
  hsize_t count = ENTRIES;
  double data[ENTRIES];
  for (int i = 0; i < ENTRIES; i++) data[i] = 1 + i % 9;
  hid_t plan = H5Pcreate(H5P_DATASET_CREATE), shape = space(1, &count);
  H5Pset_chunk(plan, 1, &count);
  H5Pset_filter(plan, number, flags, 0, NULL);
  hid_t set = H5Dcreate2(group, "data", H5T_NATIVE_DOUBLE, shape, H5P_DEFAULT, plan, H5P_DEFAULT);
  H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  H5Dclose(set);
}

static void blosc(hid_t file, hid_t group, const char *path) { (void)file, (void)path, plugin(group, 32001, "blosc", H5Z_FLAG_MANDATORY); }
static void zstd(hid_t file, hid_t group, const char *path) { (void)file, (void)path, plugin(group, 32015, "", H5Z_FLAG_MANDATORY); }
static void bzip2(hid_t file, hid_t group, const char *path) { (void)file, (void)path, plugin(group, 307, "bzip2", H5Z_FLAG_OPTIONAL); }
static void unknown_filter(hid_t file, hid_t group, const char *path) { (void)file, (void)path, plugin(group, 512, "", H5Z_FLAG_MANDATORY); }

static void two_dimensions(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  hsize_t sizes[2] = {ENTRIES / 2, 2};
  hid_t shape = space(2, sizes);
  H5Dclose(H5Dcreate2(group, "data", H5T_NATIVE_DOUBLE, shape, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void records(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  hid_t type = H5Tcreate(H5T_COMPOUND, 16);
  H5Tinsert(type, "a", 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(type, "b", 8, H5T_NATIVE_DOUBLE);
  double data[2 * ENTRIES] = {0};
  put(group, "data", type, ENTRIES, data);
}

static void named_type(hid_t file, hid_t group, const char *path) {
  (void)file, (void)path;
  H5Tcommit2(group, "data", H5Tcopy(H5T_NATIVE_DOUBLE), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

/// A dense AnnData matrix that claims rows × columns.
static void dense(const char *name, hsize_t rows, hsize_t columns) {
  char path[4096];
  hid_t file = create(name, path);
  hsize_t sizes[2] = {rows, columns}, chunk[2] = {1024, 1024};
  hid_t shape = space(2, sizes), plan = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(plan, 2, chunk);
  H5Pset_deflate(plan, 4);
  H5Dclose(H5Dcreate2(file, "X", H5T_NATIVE_FLOAT, shape, H5P_DEFAULT, plan, H5P_DEFAULT));
  hid_t obs = H5Gcreate2(file, "obs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  put_names(obs, "_index", "cell", CELLS, 0);
  H5Gclose(obs);
  H5Fclose(file);
}

/// Groups inside groups, and one that holds itself.
static void deep(const char *name, int depth, int circle) {
  char path[4096];
  hid_t file = create(name, path), group = tenx(file, sound), place = H5Gcreate2(file, "uns", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (circle) H5Lcreate_hard(file, "uns", place, "again", H5P_DEFAULT, H5P_DEFAULT);
  for (int i = 0; i < depth; i++) place = H5Gcreate2(place, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Ldelete(file, "matrix", H5P_DEFAULT);
  H5Gclose(group);
  float x[CELLS * GENES];
  for (int i = 0; i < CELLS * GENES; i++) x[i] = (float)(1 + i % 7);
  hsize_t sizes[2] = {CELLS, GENES};
  hid_t set = H5Dcreate2(file, "X", H5T_NATIVE_FLOAT, space(2, sizes), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, x);
  hid_t obs = H5Gcreate2(file, "obs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  put_names(obs, "_index", "cell", CELLS, 0);
  H5Fclose(file);
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  folder = argv[1], secret = argv[2];
  struct sparse wrong;
  with("sound", sound, NULL);
  with("external-link", without("data"), external_link);
  with("external-group", without("data"), external_group);
  with("external-behind-soft-link", without("data"), link_through_link);
  with("external-storage", without("data"), stored_elsewhere);
  with("external-names", without("barcodes"), names_elsewhere);
  with("virtual", without("data"), virtual_set);
  with("link-loop", without("data"), soft_loop);
  with("group-for-array", without("data"), group_for_array);
  with("text-for-numbers", without("data"), text_for_numbers);
  with("numbers-for-text", without("barcodes"), numbers_for_text);
  with("dimension-bomb", without("data"), dimension_bomb);
  with("many-values", without("data"), many_values);
  with("large-pieces", without("data"), large_pieces);
  with("deflate-bomb", without("data"), deflate_bomb);
  with("chunk-that-swells", without("data"), chunk_that_swells);
  with("filter-blosc", without("data"), blosc);
  with("filter-zstd", without("data"), zstd);
  with("filter-bzip2", without("data"), bzip2);
  with("filter-unknown", without("data"), unknown_filter);
  with("two-dimensions", without("data"), two_dimensions);
  with("records", without("data"), records);
  with("named-type", without("data"), named_type);
  with("no-data", without("data"), NULL);
  with("no-shape", without("shape"), NULL);
  with("no-indptr", without("indptr"), NULL);
  wrong = sound, wrong.swaps_pointers = 1, with("indptr-falls", wrong, NULL);
  wrong = sound, wrong.index = GENES, with("index-too-large", wrong, NULL);
  wrong = sound, wrong.index = -1, with("index-negative", wrong, NULL);
  wrong = sound, wrong.rows = -1, with("shape-negative", wrong, NULL);
  wrong = sound, wrong.rows = 1LL << 62, with("shape-of-genes", wrong, NULL);
  wrong = sound, wrong.columns = 1LL << 40, with("shape-of-cells", wrong, NULL);
  wrong = sound, wrong.value = -3, with("value-negative", wrong, NULL);
  wrong = sound, wrong.value = 0.5, with("value-not-whole", wrong, NULL);
  wrong = sound, wrong.value = 1e9, with("value-too-large", wrong, NULL);
  wrong = sound, wrong.value = 1.0 / 0.0, with("value-infinite", wrong, NULL);
  wrong = sound, wrong.value = 0.0 / 0.0, with("value-nan", wrong, NULL);
  wrong = sound, wrong.twice = 1, with("cells-twice", wrong, NULL);
  dense("dense-bomb", 1ULL << 40, 1ULL << 20);
  dense("dense-wrong-cells", 1 << 20, 1 << 10);
  deep("deep", 3000, 0);
  deep("circle", 0, 1);
  return 0;
}
