/** A place that files of a catalog are read from. Paths are relative to the catalog and cannot leave its folder. */
export interface CatalogSource {
  /** A folder or address, as it is shown and written into the lock file. */
  readonly name: string
  /** The catalog itself, as `read` takes it. */
  readonly index: string
  /**
   * Reads a whole file of at most `maxBytes`.
   * @throws GatewayError GW_CATALOG_INVALID when there is none, it is larger, or it lies elsewhere
   */
  read(path: string, maxBytes: number): Promise<Buffer>
}
