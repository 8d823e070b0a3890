@NullMarked
package io.meridian.model.mesh;

import org.jspecify.annotations.NullMarked;
