import ArgumentParser

/// Throws a `ValidationError` that names the option unless the condition holds.
package func require(_ holds: Bool, _ option: String, _ range: String) throws {
  if !holds { throw ValidationError("--\(option): must be \(range).") }
}

/// The names of the options that were given, out of names and whether they were.
package func givenOptions(_ options: KeyValuePairs<String, Bool>) -> [String] {
  options.compactMap { $0.value ? "--\($0.key)" : nil }
}
