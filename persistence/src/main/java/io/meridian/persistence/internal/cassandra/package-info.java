/**
 * A journal in Cassandra: Pekko's journal and snapshot store of our own, our readers of the same rows, the inventory. What refuses a second writer is that
 * every event is stored by a conditional write (docs/adr/0024-cassandra-journal.md). Nobody else knows Cassandra's driver.
 */
@NullMarked
package io.meridian.persistence.internal.cassandra;

import org.jspecify.annotations.NullMarked;
