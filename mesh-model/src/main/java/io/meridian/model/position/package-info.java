/**
 * Where things stand: meshes, epochs, positions. Values only; everything else in the model is built on them.
 */
@NullMarked
package io.meridian.model.position;

import org.jspecify.annotations.NullMarked;
