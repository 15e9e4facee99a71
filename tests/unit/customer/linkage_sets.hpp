#pragma once
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "customer/domain/linkage.hpp"

/// Record sets whose truth is known, and how well they were linked. The truth is read only to count.
namespace carillon::customer {

/// Records as they were written, and who each is of.
struct RecordSet {
  std::vector<domain::LinkField> fields;
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> owners;
};

/// A CSV with a heading. `truth` names the column that says whose a record is, as "<owner>-org" or
/// "<owner>-dup-n" or the owner alone; it and the columns of `hidden` are not compared. What a column is, its
/// values say. std::runtime_error for a file without such a column.
RecordSet ReadCsv(std::istream& in, const std::string& truth, const std::vector<std::string>& hidden);

/// About `records` records of people in China from several systems: identity numbers of 15 and 18 digits,
/// with slips and missing; names of the same sound; spouses and children with one phone and address; mobile
/// numbers given out anew; companies with and without their legal form.
RecordSet GeneratedPeople(std::size_t records, std::uint64_t seed);
/// The same of companies: legal forms, branches of one company, agencies that register many under one phone.
RecordSet GeneratedCompanies(std::size_t records, std::uint64_t seed);

/// How well.
struct Score {
  std::size_t true_pairs = 0, found = 0, right = 0;
  double precision() const;
  double recall() const;
  double f1() const;
};

/// What a run gave.
struct Outcome {
  std::size_t candidates = 0;
  Score linked;  ///< pairs of the groups
  Score merged;  ///< pairs that the service would merge without a clerk
  double seconds = 0;
  domain::LinkModel model;
};

/// Links a set: values made ready, blocked, learnt, judged, grouped.
Outcome Linked(const RecordSet& set, const domain::Thresholds& thresholds);

/// The `n` pairs nearest to the line between one and two customers, in words.
std::vector<std::string> Explained(const RecordSet& set, std::size_t n);

}  // namespace carillon::customer
