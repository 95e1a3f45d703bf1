import Testing

/// The guard of OpenBLAS's kernels, tried with libraries whose products are wrong.
@Suite(.enabled(if: Shell.has("cc"))) struct KernelTests {
  private let shell: Shell
  private let choice: String

  init() throws {
    shell = try Shell()
    try shell.run(
      "printf 'c,A,B\\nx,1,2\\ny,3,1\\nz,2,2\\nw,5,1\\n' > t.csv; sc-preprocess t.csv -q -o p.st")
    let verbose = try shell.run("sc-knn p.st --neighbors 2 --components 1 -v -o k.st").errors
    choice = String(
      verbose.split(separator: "kernels: OpenBLAS ").last?.split(separator: ",")[0] ?? "")
  }

  /// A library whose cblas_sgemm does `body` where `condition` holds of the kernels' name, and the
  /// right thing elsewhere.
  private func runs(_ condition: String, _ body: String, _ command: String) throws -> Outcome {
    try shell.write(
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <string.h>
      char *openblas_get_corename(void);
      typedef void gemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
      void cblas_sgemm(int o, int ta, int tb, int m, int n, int k, float al, const float *a, int lda, const float *b, int ldb, float be, float *c, int ldc) {
        const char *name = openblas_get_corename();
        (void)name;
        ((gemm *)dlsym(RTLD_NEXT, "cblas_sgemm"))(o, ta, tb, m, n, k, al, a, lda, b, ldb, be, c, ldc);
        if (\(condition)) { \(body) }
      }
      """, to: "wrong.c")
    let built = try shell.run(
      "cc -shared -fPIC -o wrong.so wrong.c -ldl -Wl,--unresolved-symbols=ignore-all")
    try #require(built.status == 0, "\(built.errors)")
    return try shell.run("LD_PRELOAD=$PWD/wrong.so \(command)")
  }

  @Test func productsThatAreAlwaysWrongEndTheStage() throws {
    let outcome = try runs("1", "c[0] += 1;", "sc-knn p.st --neighbors 2 --components 1 -o k2.st")
    #expect(outcome.status == 69)
    #expect(outcome.errors.contains("OpenBLAS computes wrong products"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(!shell.exists("k2.st"))
  }

  @Test(arguments: ["c[0] += 1;", "*(volatile int *)0 = 1;", "__builtin_trap();", "for (;;) { }"])
  func aWrongSetIsNotUsed(fault: String) throws {
    guard choice.hasSuffix("SkylakeX") || choice.hasSuffix("Haswell") else { return }
    let name = choice.split(separator: " ").last ?? ""
    let outcome = try runs(
      "!strcasecmp(name, \"\(name)\")", fault,
      "sc-knn p.st --neighbors 2 --components 1 -v -o k3.st")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("\(name) kernels compute wrong products on this machine"))
    #expect(!outcome.errors.contains("kernels: OpenBLAS \(choice)"))
  }

  @Test func theUsersOwnChoiceIsKept() throws {
    let outcome = try shell.run(
      "OPENBLAS_CORETYPE=Nehalem sc-knn p.st --neighbors 2 --components 1 -v -o k4.st; sc-eval k4.st --history"
    )
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains(" Nehalem, loops x86-64"))
    #expect(outcome.text.contains("Nehalem, loops"))
  }
}
