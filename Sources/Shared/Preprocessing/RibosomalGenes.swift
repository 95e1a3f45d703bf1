/// Whether a name is that of a gene of a ribosomal protein: it begins with RPS or RPL (`RPS27`; of
/// mouse `Rps27`), also behind the name of a genome.
///
/// This is how scanpy's tutorials mark them; a few kinases (`RPS6KA1`) are among them.
package func isRibosomal(_ name: String) -> Bool {
  let own = withoutGenome(name)
  return ["RPS", "RPL", "Rps", "Rpl"].contains(String(own.prefix(3)))
}
