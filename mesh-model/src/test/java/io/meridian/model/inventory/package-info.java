@NullMarked
package io.meridian.model.inventory;

import org.jspecify.annotations.NullMarked;
