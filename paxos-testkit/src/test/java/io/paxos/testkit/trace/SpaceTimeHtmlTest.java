package io.paxos.testkit.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.protocol.Ballot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as text; DiagramPageTest opens it in a browser. */
class SpaceTimeHtmlTest {
    @Test
    void json_contains_what_was_recorded() {
        final Recorder recorder =
                new Recorder().title("Two").about("how").process(1, "a").process(2, "b");
        final MessageText text = new MessageText("accepted", Ballot.of(2, 1), 4, 6, Map.of("x", "y"));
        recorder.received(recorder.sent(1, 5, 2, text), 9);
        recorder.lost(recorder.sent(1, 9, 2, text), 11, "cut");
        recorder.cut(1, 2, 10);
        recorder.violated("a rule", "this", "that");
        assertThat(SpaceTimeHtml.json(recorder.spaceTime()))
                .startsWith("{\"title\":\"Two\",\"notes\":[\"how\"],"
                        + "\"lifelines\":[{\"process\":1,\"name\":\"a\"},{\"process\":2,\"name\":\"b\"}],"
                        + "\"ballots\":[\"2.1\"],\"events\":[{\"process\":1,\"timeNs\":5,\"lamport\":1,"
                        + "\"kind\":\"SEND\",\"ballot\":\"2.1\",\"slot\":4,\"throughSlot\":6,"
                        + "\"text\":\"accepted to 2\"},")
                .contains("{\"from\":1,\"to\":2,\"sent\":0,\"received\":1,\"type\":\"accepted\",\"ballot\":\"2.1\","
                        + "\"slot\":4,\"throughSlot\":6,\"fields\":{\"x\":\"y\"}}")
                .contains("\"lostNs\":11,\"lostWhy\":\"cut\"")
                .endsWith("\"cuts\":[{\"from\":1,\"to\":2,\"fromNs\":10}],\"violation\":{\"rule\":\"a rule\","
                        + "\"expected\":\"this\",\"actual\":\"that\",\"event\":2}}");
    }

    @Test
    void no_text_ends_the_script_that_carries_it() {
        final String nasty = "</script><!-- ]]> & ' \" \\ \n\t\u0000 \u2028 \ud83d\ude00 \ud800";
        final Recorder recorder = new Recorder().title(nasty).about(nasty);
        recorder.happened(1, 0, Kind.CLIENT, 0, 0, 0, nasty, Map.of(nasty, nasty));
        recorder.violated(nasty, nasty, nasty);
        final String json = SpaceTimeHtml.json(recorder.spaceTime());
        assertThat(json).matches("[ -~]*").doesNotContain("<", ">", "&", "'");
        assertThat(json).contains("\\u003c/script\\u003e\\u003c!-- ]]\\u003e \\u0026 \\u0027 \\u0022 \\u005c \\u000a");
        assertThat(json).contains("\\u2028 \\ud83d\\ude00 \\ufffd");
    }

    @Test
    void a_title_is_text_and_no_place_of_the_template() {
        final String page = SpaceTimeHtml.text(
                new Recorder().title("<b>{{run}} $1 {{script}}").spaceTime());
        assertThat(page).contains("<title>&lt;b&gt;&#123;&#123;run}} $1 &#123;&#123;script}}</title>");
        assertThat(page).contains("\"title\":\"\\u003cb\\u003e{{run}} $1 {{script}}\"");
    }

    @Test
    void the_page_loads_nothing() {
        final String page = SpaceTimeHtml.text(new Recorder().spaceTime());
        assertThat(page).contains("default-src 'none'").doesNotContain("http:", "https:", "src=", "@import", "url(");
    }

    @Test
    void a_page_is_written_with_the_directories_that_lead_to_it(@TempDir final Path directory) throws Exception {
        final SpaceTime run = new Recorder().title("One").spaceTime();
        final Path written = SpaceTimeHtml.write(directory.resolve("a/b/run.html"), run);
        assertThat(written).isAbsolute();
        assertThat(Files.readString(written)).isEqualTo(SpaceTimeHtml.text(run));
    }
}
