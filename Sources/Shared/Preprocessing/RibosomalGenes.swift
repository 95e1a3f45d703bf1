/// Whether a name is that of a gene of a ribosomal protein. It begins with RPS or RPL (`RPS27`; in
/// mouse `Rps27`), possibly after the name of a genome.
///
/// scanpy's tutorials mark them by the same rule; a few kinases (`RPS6KA1`) are among them.
package func isRibosomal(_ name: String) -> Bool {
  let own = withoutGenome(name)
  return ["RPS", "RPL", "Rps", "Rpl"].contains(String(own.prefix(3)))
}
