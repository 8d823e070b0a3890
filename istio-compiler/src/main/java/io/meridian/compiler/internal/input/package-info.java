/**
 * From images and their deltas to facts: parsed specs by key and secondary indexes over resources and inventory, kept up in steps of the size
 * of the change. Reads protobuf and specs; leaves {@link io.meridian.compiler.internal.graph.Store}'s tables and indexes.
 */
@NullMarked
package io.meridian.compiler.internal.input;

import org.jspecify.annotations.NullMarked;
