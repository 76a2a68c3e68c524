// The page and its data: hostile text stays text, nothing is asked of the network, limits hold.
#include "report/page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "report/page_data.h"
#include "report/page_files.h"

namespace r1v {
namespace {

const std::vector<std::string> kHostile = {"</script><script>alert(1)</script>",
                                           "<img src=x onerror=alert(1)>",
                                           "<!-- <script>",
                                           "{{scripts}}{{data}}",
                                           "\"'&\\u003c/script>",
                                           std::string("\x01\0\xff\xfe", 4),
                                           "\xe2\x80\xa8\xe2\x80\xae"};

RunRecord hostile_run() {
  RunRecord run{.name = kHostile[0], .folder = kHostile[1]};
  for (const std::string& text : kHostile) {
    run.options.emplace_back(text, text);
    run.notes.push_back(text);
    run.curves.push_back({.name = text, .points = {{1, 2}, {2, 3}}});
    SampleLine sample{
        .step = 1, .id = text, .question = text, .text = text, .scored = text, .gold = text, .extracted = text};
    sample.is_judged = true;
    sample.reasons = {{text, text}, {"accuracy", text}};
    sample.others = {{text, text}};
    sample.pictures = {text};
    run.samples.push_back(sample);
  }
  return run;
}

size_t count(const std::string& text, const std::string& part) {
  size_t number = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++number;
  return number;
}

std::string data_of(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const size_t begin = page.find(open) + open.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

TEST(Page, HostileTextChangesNothingButTheData) {
  const std::string plain = page_html(page_data({}, {.title = "t"}));
  const std::string hostile = page_html(page_data({hostile_run()}, {.title = "</title><script>alert(1)</script>"}));
  EXPECT_EQ(count(hostile, "<script"), count(plain, "<script"));
  EXPECT_EQ(count(hostile, "</script"), count(plain, "</script"));
  EXPECT_EQ(count(hostile, "<img"), 0u);
  EXPECT_EQ(count(hostile, "<!--"), 0u);
  EXPECT_NE(hostile.find("<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>"), std::string::npos);
  EXPECT_EQ(data_of(hostile).find_first_of("<>&"), std::string::npos);
}

TEST(Page, TheScriptsReadBackWhatWasWritten) {
  const Json data = Json::parse(data_of(page_html(page_data({hostile_run()}, {.title = "t"}))));
  EXPECT_EQ(data.at("runs").at(0).at("name"), kHostile[0]);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(data.at("samples").at(i).at("text"), kHostile[i]);
}

TEST(Page, NothingIsFetchedAndOnlyItsOwnScriptsRun) {
  const std::string page = page_html(page_data({}, {.title = "t"}));
  const std::regex fetches(R"(\b(src|href)\s*=(?!\s*["']?#)|@import|url\()");
  for (const PageFile& file : page_files()) {
    if (!file.name.ends_with(".js")) continue;
    EXPECT_EQ(file.text.find("</script"), std::string_view::npos) << file.name;
    EXPECT_EQ(file.text.find("<!--"), std::string_view::npos) << file.name;
    for (const char* way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(",
                            "fetch(", "XMLHttpRequest", "import(", "srcdoc"}) {
      EXPECT_EQ(file.text.find(way), std::string_view::npos) << file.name << " uses " << way;
    }
  }
  for (const PageFile& file : page_files()) {
    if (file.name.ends_with(".js")) continue;
    EXPECT_FALSE(std::regex_search(std::string(file.text), fetches)) << file.name;
  }
  EXPECT_NE(page.find("content=\"default-src 'none'; img-src data:;"), std::string::npos);
  EXPECT_EQ(page.find("unsafe"), std::string::npos);
}

TEST(Page, JsonForScriptsHasNoMarkup) {
  EXPECT_EQ(script_json(Json{{"a", "<b>&"}}), "{\"a\":\"\\u003cb\\u003e\\u0026\"}");
  EXPECT_EQ(escape_html("<a b='c' d=\"&\">"), "&lt;a b=&#39;c&#39; d=&quot;&amp;&quot;&gt;");
}

TEST(PageData, CurvesAreGroupedAndAMissingOneIsNull) {
  RunRecord a{.name = "a"}, b{.name = "b"};
  a.curves = {{.name = "loss", .points = {{1, 0.123456789}}}, {.name = "reward", .points = {{1, 1}}}};
  b.curves = {{.name = "reward", .points = {}, .not_finite = {4, 5}}};
  const Json data = page_data({a, b}, {});
  EXPECT_EQ(data.at("curves").at(0).at("name"), "reward");
  EXPECT_EQ(data.at("curves").at(0).at("runs").at(1).at("not_finite"), 2);
  EXPECT_EQ(data.at("curves").at(0).at("runs").at(1).at("count"), 0);
  EXPECT_EQ(data.at("curves").at(1).at("runs").at(0).at("values").at(0), 0.123457);
  EXPECT_TRUE(data.at("curves").at(1).at("runs").at(1).is_null());
  EXPECT_EQ(data.at("runs").at(1).at("last_step"), 5);
}

TEST(PageData, LongCurvesKeepTheirExtremes) {
  RunRecord run{.name = "a", .curves = {{.name = "x"}}};
  for (int i = 0; i < 10000; ++i) run.curves[0].points.push_back({static_cast<double>(i), i == 5000 ? 99.0 : 0.0});
  const Json curve = page_data({run}, {}).at("curves").at(0).at("runs").at(0);
  EXPECT_EQ(curve.at("steps").size(), 800u);
  EXPECT_EQ(curve.at("highest"), (Json{99, 5000}));
  EXPECT_NE(std::ranges::find(curve.at("high"), Json(99.0)), curve.at("high").end());
}

TEST(PageData, TheMostSuspiciousSamplesAndASpreadOfTheOthersAreChosen) {
  std::vector<double> scores(100);
  scores[50] = 2;
  scores[99] = 1;
  // The better half of 4: 50, 99. Of the 98 others: the first and the one in the middle, which is number 49.
  EXPECT_EQ(choose_samples(scores, 4), (std::vector<size_t>{0, 49, 50, 99}));
  EXPECT_EQ(choose_samples(scores, 100).size(), 100u);
  EXPECT_EQ(choose_samples(scores, 1), std::vector<size_t>{50});
  EXPECT_TRUE(choose_samples(scores, 0).empty());
  EXPECT_TRUE(choose_samples({}, 5).empty());
}

TEST(PageData, LeftOutSamplesAreTold) {
  RunRecord run{.name = "a", .samples = std::vector<SampleLine>(9)};
  PageOptions options;
  options.limits.samples = 4;
  const Json data = page_data({run}, options);
  EXPECT_EQ(data.at("samples").size(), 4u);
  EXPECT_EQ(data.at("notes").size(), 1u);
}

TEST(PageData, LongTextsLoseTheirMiddleBetweenCharacters) {
  EXPECT_EQ(shorten("abc", 3), "abc");
  EXPECT_EQ(shorten("abcdefgh", 4), "ab [... 4 bytes left out ...] gh");
  // Two bytes a letter: a cut inside one moves outwards to the left, inwards on the right.
  EXPECT_EQ(shorten("\u00e4\u00e4\u00e4\u00e4", 6), "\u00e4 [... 4 bytes left out ...] \u00e4");
}

}  // namespace
}  // namespace r1v
