@NullMarked
package io.meridian.model;

import org.jspecify.annotations.NullMarked;
