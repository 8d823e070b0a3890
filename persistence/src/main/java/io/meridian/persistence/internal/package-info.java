/** How Pekko finds our bytes: the serializers named by the configuration; and what all kinds of journals need. For nobody else. */
@NullMarked
package io.meridian.persistence.internal;

import org.jspecify.annotations.NullMarked;
