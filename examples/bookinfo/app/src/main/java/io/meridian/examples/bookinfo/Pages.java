package io.meridian.examples.bookinfo;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The HTML of productpage. What comes from users and other services is escaped. */
final class Pages {
    static final String STYLE = """
            body { font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; }
            header { border-bottom: 1px solid #ccc; display: flex; justify-content: space-between; align-items: baseline; }
            section { margin: 1.5em 0; } dt { font-weight: bold; } blockquote { border-left: 3px solid #ccc; padding-left: 1em; }
            .alert { color: #a00; }
            """;

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
              <head>
                <title>Simple Bookstore App</title>
                <meta charset="utf-8">
                <link rel="stylesheet" href="/static/bookinfo.css">
              </head>
              <body>
            """;
    private static final String FOOT = """
              </body>
            </html>
            """;
    private static final int MAX_STARS = 5;
    private static final List<String> DETAILS =
            List.of("type", "pages", "publisher", "language", "ISBN-10", "ISBN-13", "author", "year");

    private Pages() {}

    static String index(String title) {
        return HEAD + "<h1>BookInfo Sample</h1>\n<p><a href=\"/productpage\">" + escape(title) + "</a></p>\n" + FOOT;
    }

    static String product(
            String title,
            String descriptionHtml,
            Optional<String> user,
            ProductPage.Found details,
            ProductPage.Found reviews) {
        StringBuilder page = new StringBuilder(HEAD);
        page.append("<header><b>BookInfo Sample</b> ").append(session(user)).append("</header>\n");
        page.append("<h1>")
                .append(escape(title))
                .append("</h1>\n<p>")
                .append(descriptionHtml)
                .append("</p>\n");
        details(page, details);
        reviews(page, reviews);
        return page.append(FOOT).toString();
    }

    private static String session(Optional<String> user) {
        return user.map(name -> "<span>" + escape(name) + " (<a href=\"/logout\">sign out</a>)</span>")
                .orElse("<form method=\"post\" action=\"/login\"><input name=\"username\" placeholder=\"User Name\">"
                        + " <button>Sign in</button></form>");
    }

    private static void details(StringBuilder page, ProductPage.Found details) {
        page.append("<section>\n");
        if (details.status() != 200) {
            failure(page, "Error fetching product details!", details.value());
        } else {
            page.append("<h4>Book Details</h4>\n<dl>\n");
            for (String name : DETAILS) {
                text(details.value(), name)
                        .ifPresent(value -> page.append("<dt>")
                                .append(name)
                                .append(":</dt><dd>")
                                .append(escape(value))
                                .append("</dd>\n"));
            }
            page.append("</dl>\n");
        }
        page.append("</section>\n");
    }

    private static void reviews(StringBuilder page, ProductPage.Found reviews) {
        page.append("<section>\n");
        if (reviews.status() != 200) {
            failure(page, "Error fetching product reviews!", reviews.value());
        } else {
            page.append("<h4>Book Reviews</h4>\n");
            if (Json.at(reviews.value(), "reviews") instanceof List<?> list) {
                list.forEach(review -> review(page, review));
            }
            page.append("<dl><dt>Reviews served by:</dt><dd><u>")
                    .append(escape(text(reviews.value(), "podname").orElse("unknown")))
                    .append("</u> with <u>")
                    .append(escape(text(reviews.value(), "clustername").orElse("unknown")))
                    .append("</u></dd></dl>\n");
        }
        page.append("</section>\n");
    }

    private static void review(StringBuilder page, Object review) {
        page.append("<blockquote>\n<p>")
                .append(escape(text(review, "text").orElse("")))
                .append("</p>\n<small>")
                .append(escape(text(review, "reviewer").orElse("")))
                .append("</small>\n");
        if (Json.at(review, "rating", "stars") instanceof Long stars) {
            page.append("<font color=\"")
                    .append(escape(text(Json.at(review, "rating"), "color").orElse("black")))
                    .append("\">\n");
            for (int i = 0; i < MAX_STARS; i++) {
                page.append(
                        i < stars
                                ? "<span class=\"glyphicon glyphicon-star\">★</span>\n"
                                : "<span class=\"glyphicon glyphicon-star-empty\">☆</span>\n");
            }
            page.append("</font>\n");
        } else {
            text(Json.at(review, "rating"), "error")
                    .ifPresent(
                            error -> page.append("<p><i>").append(escape(error)).append("</i></p>\n"));
        }
        page.append("</blockquote>\n");
    }

    private static void failure(StringBuilder page, String heading, Object value) {
        page.append("<h4 class=\"alert\">").append(heading).append("</h4>\n<p>");
        page.append(escape(text(value, "error").orElse(""))).append("</p>\n");
    }

    private static Optional<String> text(@Nullable Object object, String name) {
        return Optional.ofNullable(Json.at(object, name)).map(String::valueOf);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
